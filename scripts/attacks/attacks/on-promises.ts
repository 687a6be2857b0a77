import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { instantFromMicros, parseLedgerLine, recordHash } from '@vantio/schema';
import { type Receipt, type SignedReceipt, signReceipt } from '@vantio/schema/receipt';
import { termsOf } from '@vantio/schema/tlog/key-terms';
import { parseVerifierKey } from '@vantio/schema/tlog/note-keys';
import { tilePath } from '@vantio/schema/tlog/tiles';
import { formatTlogProof, type TlogProof } from '@vantio/schema/tlog/tlog-proof';
import { leafHash } from '@vantio/schema/tlog/tree-hash';
import { createTreeReader } from '@vantio/schema/tlog/tree-reader';
import { fixedKey } from '@vantio/schema/vectors/fixed-keys';
import { proveRecord } from '../../../sdk/cli/src/monitor/prove-record.ts';
import type { Attack } from '../attack.ts';
import { forge, inLog, textsOf } from '../forge.ts';
import { witnessLooks } from '../witness-looks.ts';
import type { World } from '../world.ts';

const file = (world: World): string => join(world.directory, 'receipts.ndjson');
const receiptsOf = (world: World): readonly SignedReceipt[] =>
  textsOf(file(world)).map((text) => JSON.parse(text) as SignedReceipt);
const put = (world: World, receipts: readonly unknown[]): void =>
  writeFileSync(file(world), receipts.map((each) => `${JSON.stringify(each)}\n`).join(''));
/** The receipt of the last batch, made to say something else, and signed. */
const say = (world: World, how: (receipt: Receipt) => Receipt, key = world.logKey): void => {
  const last = receiptsOf(world).at(-1) as SignedReceipt;
  put(world, [signReceipt(how(last.receipt), key)]);
};
const another = 'ab'.repeat(32);
const ofNothing = ({ events, ...receipt }: Receipt): Receipt => ({
  ...receipt,
  events: events.slice(0, 1).map((event) => ({ ...event, record_hash: another })),
});
/** The log goes on without what was promised, and the witness cosigns it a minute later. */
const goOn = async (world: World): Promise<void> => {
  await witnessLooks(world, { after: 60 });
};
/** The witness of a log that was a lie from its beginning. */
const goOnWithout = async (world: World): Promise<void> => {
  await forge(
    world,
    (drafts) =>
      drafts.filter(
        ({ record }) => !(record.session_id === world.sessions.globex && record.seq > 2),
      ),
    { received: true, log: world.logKey },
  );
  rmSync(join(world.directory, 'witness-state'), { recursive: true });
  await witnessLooks(world, { after: 60 });
};

const PINS = ['vkey', 'witness', 'receipts'] as const;

const ON_RECEIPTS: readonly Attack[] = [
  {
    name: 'a promised batch is left out of the log that the witness gets',
    victim: PINS,
    act: goOnWithout,
    caught: { by: 'verify', wrong: ['receipt'] },
  },
  {
    name: 'a promised batch is left out, and no witness is pinned',
    victim: ['vkey', 'receipts'],
    act: goOnWithout,
    caught: { by: 'nobody', unmeasured: [], words: ['unwitnessed'] },
  },
  {
    name: 'a receipt names an event that was never logged',
    victim: PINS,
    act: async (world) => {
      say(world, ofNothing);
      await goOn(world);
    },
    caught: { by: 'verify', wrong: ['receipt'] },
  },
  {
    name: 'two receipts are given for one event, with two records',
    victim: PINS,
    act: async (world) => {
      const [last] = receiptsOf(world).slice(-1) as [SignedReceipt];
      put(world, [last, signReceipt(ofNothing(last.receipt), world.logKey)]);
      await goOn(world);
    },
    caught: { by: 'verify', wrong: ['receipt'] },
  },
  {
    name: 'merge_by is moved after the receipt was signed',
    attacker: 'no key, the receipts',
    victim: PINS,
    act: (world) => {
      const [last] = receiptsOf(world).slice(-1) as [SignedReceipt];
      put(world, [{ ...last, receipt: { ...last.receipt, merge_by: instantFromMicros(4e15) } }]);
    },
    caught: { by: 'verify', wrong: ['receipt'] },
  },
  {
    name: 'merge_by is set years ahead in a receipt for what is never logged',
    victim: PINS,
    act: async (world) => {
      say(world, (receipt) => ({ ...ofNothing(receipt), merge_by: instantFromMicros(4e15) }));
      await goOn(world);
    },
    caught: { by: 'verify', wrong: ['receipt'] },
  },
  {
    name: 'a receipt for what is never logged is given the date of years to come',
    victim: PINS,
    act: async (world) => {
      const received = 4e15;
      say(world, (receipt) => ({
        ...ofNothing(receipt),
        received_at: instantFromMicros(received),
        merge_by: instantFromMicros(received + 5e6),
      }));
      await goOn(world);
    },
    caught: { by: 'verify', wrong: ['receipt'] },
  },
  {
    name: 'a receipt is signed with another key than the log’s',
    victim: PINS,
    act: (world) => say(world, (receipt) => receipt, fixedKey('thief')),
    caught: { by: 'verify', wrong: ['receipt'] },
  },
  {
    name: 'a receipt names the log of another ledger',
    victim: PINS,
    act: (world) =>
      say(world, (receipt) => ({ ...receipt, origin: `vantio.local/${'0'.repeat(32)}` })),
    caught: { by: 'verify', wrong: ['receipt'] },
  },
  {
    name: 'a receipt names another tenant',
    victim: PINS,
    act: (world) => say(world, (receipt) => ({ ...receipt, tenant_id: 'acme' })),
    caught: { by: 'verify', wrong: ['receipt'] },
  },
  {
    name: 'a receipt gives one event the record of another',
    victim: PINS,
    act: (world) =>
      say(world, (receipt) => ({
        ...receipt,
        events: receipt.events.map((event, at) => ({
          ...event,
          record_hash: receipt.events[(at + 1) % receipt.events.length]?.record_hash ?? '',
        })),
      })),
    caught: { by: 'verify', wrong: ['receipt'] },
  },
];

const AT = 270;

/** Asks for a proof of the record at a place, and is answered with it after the change. */
async function asks(
  world: World,
  lie: (honest: TlogProof) => TlogProof,
  wanted: number,
): Promise<string> {
  const lines = [...textsOf(world.segment), ...textsOf(world.ledger)];
  const line = lines[AT] as string;
  const size = world.sizes.at(-1) as number;
  const reader = createTreeReader(size, async (tile) => inLog(world, tilePath(tile)));
  const honest = {
    index: AT,
    hashes: await reader.inclusion(AT),
    checkpoint: inLog(world, 'checkpoint').toString(),
    extra: Buffer.from(line, 'latin1'),
  };
  const proof = formatTlogProof(await lie(honest));
  const log = termsOf(
    [parseVerifierKey(readFileSync(join(world.directory, 'pinned.vkey'), 'utf8').trim())],
    [],
  );
  try {
    proveRecord(proof, recordHash(parseLedgerLine(lines[wanted] as string).canonical), {
      log,
      witnesses: [parseVerifierKey(world.witness)],
    });
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

const proof = (
  name: string,
  lie: (world: World, honest: TlogProof) => TlogProof,
  says: RegExp,
  wanted = AT,
): Attack => ({
  name,
  victim: ['vkey', 'receipts'],
  act: (world) => asks(world, (honest) => lie(world, honest), wanted),
  caught: { by: 'proof', says },
});

const ON_PROOFS: readonly Attack[] = [
  proof(
    'a proof gives the index of another leaf',
    (_, honest) => ({ ...honest, index: AT + 1 }),
    /another root/,
  ),
  proof(
    'a proof gives an index beyond the tree',
    (_, honest) => ({ ...honest, index: 10_000 }),
    /index/,
  ),
  proof(
    'a proof has its path cut short',
    (_, honest) => ({ ...honest, hashes: honest.hashes.slice(0, -1) }),
    /lacks hashes/,
  ),
  proof(
    'a proof has a hash to spare',
    (_, honest) => ({ ...honest, hashes: [...honest.hashes, leafHash(Buffer.alloc(0))] }),
    /spare/,
  ),
  proof(
    'a proof is of another tree',
    (_, honest) => ({ ...honest, hashes: honest.hashes.map(() => leafHash(Buffer.alloc(0))) }),
    /another root/,
  ),
  proof(
    'a proof comes with the checkpoint of another size',
    (world, honest) => ({
      ...honest,
      checkpoint: inLog(world, `checkpoints/${world.sizes[1]}`).toString(),
    }),
    /another root|hashes/,
  ),
  proof(
    'a proof comes with a checkpoint that the log did not sign',
    (_, honest) => ({ ...honest, checkpoint: honest.checkpoint.replace(/\n\d+\n/, '\n284\n') }),
    /signature|hold/,
  ),
  proof('a proof is of another record of the log', (_, honest) => honest, /another record/, AT + 1),
  proof(
    'a proof carries another entry than its leaf',
    (_, honest) => ({ ...honest, extra: Buffer.from('{}') }),
    /another root/,
  ),
];

/** In the words of who breaks its word: in receipts and in proofs. */
export const ON_PROMISES: readonly Attack[] = [...ON_RECEIPTS, ...ON_PROOFS];
