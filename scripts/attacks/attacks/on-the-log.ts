import { createPrivateKey } from 'node:crypto';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkpointText } from '@vantio/schema/tlog/checkpoint';
import { cosign } from '@vantio/schema/tlog/cosignature';
import { parseNote, signNote } from '@vantio/schema/tlog/note';
import { createNoteSigner, formatVerifierKey, rawPublicKey } from '@vantio/schema/tlog/note-keys';
import { leafHash } from '@vantio/schema/tlog/tree-hash';
import { fixedKey } from '@vantio/schema/vectors/fixed-keys';
import type { Attack } from '../attack.ts';
import { forge, inLog, putLog, seal, textsOf } from '../forge.ts';
import { witnessLooks } from '../witness-looks.ts';
import type { World } from '../world.ts';

const THIEF = fixedKey('thief');
const WITNESS = 'witness.example/w1';
const otherRoot = leafHash(Buffer.from('another tree'));
const texts = ({ segment, ledger }: World): readonly string[] => [
  ...textsOf(segment),
  ...textsOf(ledger),
];
const sign = (world: World, text: string, key = world.logKey): Promise<string> =>
  signNote(text, [createNoteSigner(world.origin, key)]);
const newest = (world: World): number => world.sizes.at(-1) as number;
const before = (world: World): number => world.sizes.at(-2) as number;
const textOf = (world: World, size: number): string =>
  parseNote(inLog(world, `checkpoints/${size}`).toString()).text;
const putNewest = (world: World, note: string): void => {
  putLog(world, 'checkpoint', note);
  rmSync(join(world.log, `checkpoints/${newest(world)}`));
};
const fork = (world: World): Promise<string> =>
  sign(world, checkpointText({ origin: world.origin, size: newest(world), root: otherRoot }));

/** In the words of who changes the log, or shows one of several. */
export const ON_THE_LOG: readonly Attack[] = [
  {
    name: 'the log is signed with a new key',
    victim: ['vkey'],
    act: (world) => seal(world, texts(world), THIEF, true),
    caught: { by: 'verify', wrong: ['log_checkpoint'] },
  },
  {
    name: 'the log is signed with a new key, which lies beside it, and no key is pinned',
    victim: ['API keys'],
    act: async (world) => {
      await seal(world, texts(world), THIEF, true);
      const vkey = formatVerifierKey({
        name: world.origin,
        type: 'ed25519',
        publicKey: rawPublicKey(THIEF),
      });
      writeFileSync(join(world.directory, 'audit.vkey'), `${vkey}\n`);
    },
    caught: { by: 'nobody', unmeasured: [], words: ['log key not pinned', 'unwitnessed'] },
  },
  {
    name: 'the key is rotated in hiding, and the witness looks again',
    victim: ['witness'],
    act: async (world) => {
      await seal(world, texts(world), THIEF, true);
      return witnessLooks(world);
    },
    caught: { by: 'witness', alarm: 'other_key' },
  },
  {
    name: 'a fork: another tree of the same size is shown to one reader',
    victim: ['vkey'],
    act: async (world) => putNewest(world, await fork(world)),
    caught: { by: 'verify', wrong: ['log_root'] },
  },
  {
    name: 'a fork: another tree of the same size is shown to the witness',
    victim: ['witness'],
    act: async (world) => witnessLooks(world, { checkpoint: await fork(world) }),
    caught: { by: 'witness', alarm: 'fork' },
  },
  {
    name: 'a fork whose own tiles and lines agree, to a reader who compares a checkpoint of another reader',
    victim: ['vkey', 'checkpoint'],
    act: async (world) => {
      cpSync(join(world.log, 'checkpoint'), join(world.directory, 'kept-checkpoint'));
      await forge(
        world,
        (drafts) =>
          drafts.map((draft, at) =>
            at === 200 ? { ...draft, receivedAt: '2026-01-01T00:00:00.000000Z' } : draft,
          ),
        { received: true, log: world.logKey },
      );
    },
    caught: { by: 'verify', wrong: ['log_consistency'] },
  },
  {
    name: 'a longer tree that does not go on from the one before is shown to the witness',
    victim: ['witness'],
    act: async (world) => {
      await forge(
        world,
        (drafts) => [
          ...drafts.slice(0, 200),
          ...drafts.slice(201),
          ...drafts.slice(0, 3).map((draft) => ({ ...draft, isOld: false })),
        ],
        { log: world.logKey },
      );
      return witnessLooks(world);
    },
    caught: { by: 'witness', alarm: 'fork' },
  },
  {
    name: 'the witness is given a made-up consistency proof',
    victim: ['witness'],
    act: async (world) => {
      await forge(
        world,
        (drafts) => [...drafts, { ...(drafts.at(-1) as (typeof drafts)[number]) }],
        { log: world.logKey },
      );
      return witnessLooks(world, { proof: [otherRoot] });
    },
    caught: { by: 'refusal', says: /consistency proof/ },
  },
  {
    name: 'the witness is given the checkpoint of another ledger',
    victim: ['witness'],
    act: async (world) => {
      const origin = `vantio.local/${'0'.repeat(32)}`;
      const text = checkpointText({ origin, size: 5, root: otherRoot });
      return witnessLooks(world, {
        checkpoint: await signNote(text, [createNoteSigner(origin, world.logKey)]),
      });
    },
    caught: { by: 'witness', alarm: 'other_origin' },
  },
  {
    name: 'a stale checkpoint is shown to the witness',
    victim: ['witness'],
    act: (world) =>
      witnessLooks(world, { checkpoint: inLog(world, `checkpoints/${world.sizes[0]}`).toString() }),
    caught: { by: 'witness', alarm: 'rollback' },
  },
  {
    name: 'a stale checkpoint is shown to a reader who kept a later one',
    victim: ['vkey', 'checkpoint'],
    act: (world) => {
      cpSync(join(world.log, 'checkpoint'), join(world.directory, 'kept-checkpoint'));
      cpSync(join(world.log, `checkpoints/${before(world)}`), join(world.log, 'checkpoint'));
      rmSync(join(world.log, `checkpoints/${newest(world)}`));
    },
    caught: { by: 'verify', wrong: ['log_consistency'] },
  },
  {
    name: 'a stale checkpoint is shown to a reader who kept none',
    victim: ['vkey', 'witness'],
    act: (world) => {
      cpSync(join(world.log, `checkpoints/${before(world)}`), join(world.log, 'checkpoint'));
      rmSync(join(world.log, `checkpoints/${newest(world)}`));
    },
    caught: { by: 'verify', wrong: ['log_cosignature'] },
  },
  {
    name: 'a stale checkpoint is shown to a reader who kept none, without the cosignatures of the later one',
    victim: ['vkey', 'witness'],
    act: (world) => {
      cpSync(join(world.log, `checkpoints/${before(world)}`), join(world.log, 'checkpoint'));
      for (const folder of ['checkpoints', 'cosignatures'])
        rmSync(join(world.log, folder, `${newest(world)}`));
    },
    caught: {
      by: 'nobody',
      unmeasured: ['log_size'],
      words: ['verified', 'witnessed by 1', '1 unsealed'],
    },
  },
  {
    name: 'an older checkpoint is taken away, and the tree that the witness saw is another',
    victim: ['vkey', 'witness'],
    act: async (world) => {
      await forge(
        world,
        (drafts) =>
          drafts.map((draft, at) =>
            at === 100 ? { ...draft, receivedAt: '2026-01-01T00:00:00.000000Z' } : draft,
          ),
        { received: true, log: world.logKey, cosignatures: true },
      );
      for (const size of world.sizes) rmSync(join(world.log, `checkpoints/${size}`));
    },
    caught: { by: 'verify', wrong: ['log_cosignature', 'segment'] },
  },
  {
    name: 'the checkpoint has an extension line',
    victim: ['vkey'],
    act: async (world) =>
      putNewest(world, await sign(world, `${textOf(world, newest(world))}more\n`)),
    caught: { by: 'verify', wrong: ['log_checkpoint'] },
  },
  {
    name: 'the checkpoint is of another ledger, signed by the pinned key',
    victim: ['vkey'],
    act: async (world) =>
      putNewest(
        world,
        await sign(
          world,
          textOf(world, newest(world)).replace(/^.*/, `vantio.local/${'0'.repeat(32)}`),
        ),
      ),
    caught: { by: 'verify', wrong: ['log_checkpoint'] },
  },
  {
    name: 'the log signs its checkpoint twice',
    victim: ['vkey'],
    act: (world) =>
      putNewest(
        world,
        inLog(world, 'checkpoint')
          .toString()
          .replace(/\n(— .*\n)$/, '\n$1$1'),
      ),
    caught: { by: 'verify', wrong: ['log_checkpoint'] },
  },
  {
    name: 'the checkpoint says 2^63 leaves',
    victim: ['vkey'],
    act: async (world) =>
      putNewest(
        world,
        await sign(
          world,
          textOf(world, newest(world)).replace(`\n${newest(world)}\n`, '\n9223372036854775808\n'),
        ),
      ),
    caught: { by: 'verify', wrong: ['log_checkpoint'] },
  },
  {
    name: 'a stored checkpoint is swapped for another of its size',
    victim: ['vkey'],
    act: async (world) => {
      const size = before(world);
      putLog(
        world,
        `checkpoints/${size}`,
        await sign(world, checkpointText({ origin: world.origin, size, root: otherRoot })),
      );
    },
    caught: { by: 'verify', wrong: ['log_consistency'] },
  },
  {
    name: 'a stored checkpoint stands under the name of another size',
    victim: ['vkey'],
    act: (world) =>
      putLog(
        world,
        `checkpoints/${newest(world) - 2}`,
        inLog(world, `checkpoints/${world.sizes[0]}`),
      ),
    caught: { by: 'verify', wrong: ['log_checkpoint'] },
  },
  {
    name: 'a tile of another width lies in the place of one',
    victim: ['vkey'],
    act: (world) => putLog(world, 'tile/0/000', inLog(world, 'tile/0/000').subarray(0, 32 * 200)),
    caught: { by: 'verify', wrong: ['log_tile'] },
  },
  {
    name: 'a tile is swapped for that of another tree',
    victim: ['vkey'],
    act: (world) =>
      putLog(world, 'tile/0/000', Buffer.concat(Array.from({ length: 256 }, () => otherRoot))),
    caught: { by: 'verify', wrong: ['log_consistency', 'log_leaf', 'log_root'] },
  },
  {
    name: 'a tile is taken away',
    victim: ['vkey'],
    act: (world) => rmSync(join(world.log, 'tile/0/000')),
    caught: { by: 'verify', wrong: ['log_tile'] },
  },
  {
    name: 'an entry is longer than its length prefix says',
    victim: ['vkey'],
    act: (world) => {
      const bytes = inLog(world, 'tile/entries/000');
      bytes.writeUInt16BE(bytes.readUInt16BE(0) - 1, 0);
      putLog(world, 'tile/entries/000', bytes);
    },
    caught: { by: 'verify', wrong: ['log_tile'] },
  },
  {
    name: 'a bundle holds another entry than its leaf',
    victim: ['vkey'],
    act: (world) => {
      const bytes = inLog(world, 'tile/entries/000');
      bytes[100] = (bytes[100] as number) ^ 1;
      putLog(world, 'tile/entries/000', bytes);
    },
    caught: { by: 'verify', wrong: ['log_leaf'] },
  },
  {
    name: 'a leaf is in the log twice, and its line once in the ledger',
    victim: ['vkey'],
    act: async (world) => {
      const lines = texts(world);
      await seal(
        world,
        [...lines.slice(0, 250), lines[249] as string, ...lines.slice(250)],
        world.logKey,
      );
    },
    caught: { by: 'verify', wrong: ['log_leaf', 'log_size'] },
  },
  {
    name: 'a leaf that no line is is in the log',
    victim: ['vkey'],
    act: (world) => seal(world, [...texts(world), '{}'], world.logKey),
    caught: { by: 'verify', wrong: ['log_size'] },
  },
  {
    name: 'a cosignature is replayed from another size',
    victim: ['vkey', 'witness'],
    act: (world) =>
      putLog(world, `cosignatures/${newest(world)}`, inLog(world, `cosignatures/${before(world)}`)),
    caught: { by: 'verify', wrong: ['log_cosignature'] },
  },
  {
    name: 'a cosignature is replayed from another log',
    attacker: 'server keys, and the same witness’s lines for a log of its own',
    victim: ['vkey', 'witness'],
    act: (world) => {
      const text = textOf(world, newest(world)).replace(/^.*/, 'vantio.local/other');
      const [, pem] =
        /^[^\n]*\n([\s\S]*)$/.exec(readFileSync(join(world.directory, 'witness.key'), 'utf8')) ??
        [];
      putLog(
        world,
        `cosignatures/${newest(world)}`,
        `${cosign(text, 1, WITNESS, createPrivateKey(pem ?? ''))}\n`,
      );
    },
    caught: { by: 'verify', wrong: ['log_cosignature'] },
  },
  {
    name: 'a cosignature is moved to an earlier time',
    victim: ['vkey', 'witness'],
    act: (world) => {
      const [, head, sig] =
        /^(— \S+ )(\S+)\n/.exec(inLog(world, `cosignatures/${newest(world)}`).toString()) ?? [];
      const bytes = Buffer.from(sig ?? '', 'base64');
      bytes.writeBigUInt64BE(1n, 4);
      putLog(world, `cosignatures/${newest(world)}`, `${head}${bytes.toString('base64')}\n`);
    },
    caught: { by: 'verify', wrong: ['log_cosignature'] },
  },
  {
    name: 'a key of the server’s cosigns under the name of the witness',
    victim: ['vkey', 'witness'],
    act: (world) =>
      putLog(
        world,
        `cosignatures/${newest(world)}`,
        `${cosign(textOf(world, newest(world)), 1_800_000_000, WITNESS, THIEF)}\n`,
      ),
    caught: { by: 'nobody', unmeasured: ['log_cosignature'], words: ['unwitnessed'] },
  },
  {
    name: 'the log’s own key cosigns in the place of a witness',
    victim: ['vkey', 'witness'],
    act: (world) =>
      putLog(
        world,
        `cosignatures/${newest(world)}`,
        `${cosign(textOf(world, newest(world)), 1_800_000_000, world.origin, world.logKey)}\n`,
      ),
    caught: { by: 'nobody', unmeasured: ['log_cosignature'], words: ['unwitnessed'] },
  },
  {
    name: 'the cosignatures are kept back',
    victim: ['vkey', 'witness'],
    act: (world) => rmSync(join(world.log, 'cosignatures'), { recursive: true }),
    caught: { by: 'nobody', unmeasured: ['log_cosignature'], words: ['unwitnessed'] },
  },
  {
    name: 'the whole log is kept back',
    victim: ['vkey'],
    act: (world) => rmSync(world.log, { recursive: true }),
    caught: { by: 'verify', wrong: ['log_checkpoint'] },
  },
  {
    name: 'the first file of the ledger is kept back',
    victim: ['vkey'],
    act: (world) => rmSync(world.segment),
    caught: { by: 'verify', wrong: ['gap', 'log_checkpoint', 'log_leaf', 'log_size'] },
  },
];
