import { createPrivateKey, type KeyObject } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { instantFromMicros, microsFromInstant } from '@vantio/schema';
import { signReceipt } from '@vantio/schema/receipt';
import { checkpointText, parseCheckpointText, type TreeHead } from '@vantio/schema/tlog/checkpoint';
import { parseNote, signNote } from '@vantio/schema/tlog/note';
import {
  createNoteSigner,
  formatVerifierKey,
  keyIdOf,
  type NoteKey,
  rawPublicKey,
} from '@vantio/schema/tlog/note-keys';
import { rotationText } from '@vantio/schema/tlog/rotation';
import { fixedKey } from '@vantio/schema/vectors/fixed-keys';
import { revokeLogKey } from '../../../functions/src/local/log-keys/revoke-log-key.ts';
import { rotateLogKey } from '../../../functions/src/local/log-keys/rotate-log-key.ts';
import type { Attack } from '../attack.ts';
import { inLog, putLog, readDrafts, seal, textsOf } from '../forge.ts';
import { witnessLooks } from '../witness-looks.ts';
import type { World } from '../world.ts';

const THIEF = fixedKey('thief');
const noteKeyOf = (world: World, key: KeyObject): NoteKey => ({
  name: world.origin,
  type: 'ed25519',
  publicKey: rawPublicKey(key),
});
const texts = ({ segment, ledger }: World): readonly string[] => [
  ...textsOf(segment),
  ...textsOf(ledger),
];
const optionsOf = ({ directory, ledger }: World) => ({
  ledgerFile: ledger,
  stateDir: join(directory, 'state'),
  log: () => {},
});
/** As the operator does it. */
const rotate = (world: World) => rotateLogKey(optionsOf(world));
const revokeFirst = (world: World): Promise<boolean> =>
  revokeLogKey({ ...optionsOf(world), keyId: keyIdOf(noteKeyOf(world, world.logKey)) });
/** The key that took over. */
function nextKey({ directory }: World): KeyObject {
  const state = join(directory, 'state');
  const name = readdirSync(state).find((each) => /^log-.*\.pem$/.test(each)) ?? '';
  return createPrivateKey(readFileSync(join(state, name)));
}
const headOf = (world: World): TreeHead =>
  parseCheckpointText(parseNote(inLog(world, 'checkpoint').toString()).text);

/** A note that the first key hands over to the thief's, signed by these. */
async function handOver(world: World, signers: readonly KeyObject[]): Promise<void> {
  const [from, to] = [world.logKey, THIEF].map((key) => noteKeyOf(world, key)) as [
    NoteKey,
    NoteKey,
  ];
  const note = await signNote(
    rotationText({ head: headOf(world), from, to }),
    signers.map((key) => createNoteSigner(world.origin, key)),
  );
  mkdirSync(join(world.log, 'rotations'), { recursive: true });
  putLog(world, 'rotations/1', note);
  const keys = [from, to].map((key) => `${formatVerifierKey(key)}\n`);
  writeFileSync(join(world.directory, 'audit.vkey'), keys.join(''));
}

/** Whoever holds the first key signs the log anew, after it handed over. */
const sealByFirst = (world: World): Promise<void> => seal(world, texts(world), world.logKey, true);

/** In the words of who would be the log's next key, or goes on as one that was. */
export const ON_THE_KEYS: readonly Attack[] = [
  {
    name: 'the log is signed with a new key, which claims that the old one handed over',
    attacker: 'all but the log’s key',
    victim: ['vkey'],
    act: async (world) => {
      await seal(world, texts(world), THIEF, true);
      await handOver(world, [THIEF]);
    },
    caught: { by: 'verify', wrong: ['log_checkpoint'] },
  },
  {
    name: 'the same, with the old key’s signature of a checkpoint under the note',
    attacker: 'all but the log’s key',
    victim: ['vkey'],
    act: async (world) => {
      const [own = ''] = parseNote(inLog(world, 'checkpoint').toString()).signatures.map(
        ({ line }) => line,
      );
      await seal(world, texts(world), THIEF, true);
      await handOver(world, [THIEF]);
      putLog(world, 'rotations/1', `${inLog(world, 'rotations/1')}${own}\n`);
    },
    caught: { by: 'verify', wrong: ['log_checkpoint'] },
  },
  {
    name: 'the same is shown to the witness',
    attacker: 'all but the log’s key',
    victim: ['witness'],
    act: async (world) => {
      await seal(world, texts(world), THIEF, true);
      await handOver(world, [THIEF]);
      return witnessLooks(world);
    },
    caught: { by: 'witness', alarm: 'other_key' },
  },
  {
    name: 'the record that a key handed over is there, and the outgoing key’s signature is not',
    attacker: 'all but the log’s key',
    victim: ['vkey'],
    act: async (world) => {
      await rotate(world);
      await seal(world, texts(world), nextKey(world), true);
      rmSync(join(world.log, 'rotations'), { recursive: true });
    },
    caught: { by: 'verify', wrong: ['log_checkpoint'] },
  },
  {
    name: 'both keys sign a note that one hands over, and no record says so',
    victim: ['vkey'],
    act: async (world) => {
      const keys = [world.logKey, THIEF];
      await handOver(world, keys);
      const both = await signNote(
        checkpointText(headOf(world)),
        keys.map((key) => createNoteSigner(world.origin, key)),
      );
      rmSync(join(world.log, `checkpoints/${headOf(world).size}`));
      putLog(world, 'checkpoint', both);
    },
    caught: { by: 'verify', wrong: ['log_checkpoint'] },
  },
  {
    name: 'a key that handed over signs the log again',
    attacker: 'the log’s old key',
    victim: ['vkey'],
    act: async (world) => {
      await rotate(world);
      await sealByFirst(world);
    },
    caught: { by: 'verify', wrong: ['log_checkpoint'] },
  },
  {
    name: 'a key that handed over signs the log again, and the witness followed the next one before',
    attacker: 'the log’s old key',
    victim: ['witness'],
    act: async (world) => {
      await rotate(world);
      await witnessLooks(world);
      rmSync(join(world.log, 'rotations'), { recursive: true });
      await sealByFirst(world);
      return witnessLooks(world);
    },
    caught: { by: 'witness', alarm: 'other_key' },
  },
  {
    name: 'a key that was revoked signs the log again, to a reader who pinned both',
    attacker: 'the log’s old key',
    victim: ['vkey'],
    act: async (world) => {
      await rotate(world);
      await revokeFirst(world);
      cpSync(join(world.directory, 'audit.vkey'), join(world.directory, 'pinned.vkey'));
      rmSync(join(world.log, 'rotations'), { recursive: true });
      await sealByFirst(world);
    },
    caught: { by: 'verify', wrong: ['log_checkpoint'] },
  },
  {
    name: 'a key that was revoked signs a receipt',
    attacker: 'the log’s old key',
    victim: ['vkey', 'receipts'],
    act: async (world) => {
      await rotate(world);
      await revokeFirst(world);
      const revoked = readDrafts(world).find(
        ({ record }) => record.event_type === 'signer_revoked',
      );
      const later = microsFromInstant(revoked?.receivedAt ?? '') + 1000;
      const file = join(world.directory, 'receipts.ndjson');
      const [line = ''] = readFileSync(file, 'utf8').split('\n');
      const { receipt } = JSON.parse(line);
      const [received_at, merge_by] = [later, later + 5_000_000].map(instantFromMicros);
      const made = signReceipt({ ...receipt, received_at, merge_by }, world.logKey);
      writeFileSync(file, `${JSON.stringify(made)}\n`);
    },
    caught: { by: 'verify', wrong: ['receipt'] },
  },
  {
    name: 'who stole the key in charge hands over to a key of their own, with a record and both signatures',
    victim: ['vkey'],
    act: async (world) => {
      await rotate(world);
    },
    caught: { by: 'nobody', unmeasured: [], words: ['unwitnessed'] },
  },
];
