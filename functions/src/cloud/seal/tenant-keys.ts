import { parseCheckpointText } from '@vantio/schema/tlog/checkpoint';
import { termsOf } from '@vantio/schema/tlog/key-terms';
import { type NoteSigner, parseNote, signNote } from '@vantio/schema/tlog/note';
import { keyIdOf, type NoteKey } from '@vantio/schema/tlog/note-keys';
import { openRotation, rotationText } from '@vantio/schema/tlog/rotation';
import { TlogError } from '@vantio/schema/tlog/tlog-error';
import { rotationPath } from '../../log/read-rotations.ts';
import type { LogIdentity } from '../log-key/log-identity.ts';
import type { Bucket } from '../storage/bucket.ts';
import { type Checkpoints, sizeOf } from './checkpoints.ts';
import type { Rotations } from './rotations.ts';
import type { SignerRecords, SignerWord } from './signer-records.ts';
import { objectName } from './tenant-files.ts';

export type TenantKeysOptions = {
  readonly tenantId: string;
  readonly identity: LogIdentity;
  readonly settled: Pick<Bucket, 'read' | 'create'>;
  readonly checkpoints: Checkpoints;
  readonly rotations: Rotations;
  readonly records: SignerRecords;
};

export type Signers = { readonly signer: NoteSigner; readonly nextSigner?: NoteSigner };

/**
 * Who signs the log of a tenant. Keys are the same for all logs, but each log hands over by itself, when it is sealed next; so
 * the log's newest checkpoint says which key is in charge of it: the one that signed it, or of two the second, once the note
 * of both is there. Checkpoints follow each other one by one, so exactly one of a rotation is signed by both, and nobody goes
 * on from it before the note.
 */
export function createTenantKeys(options: TenantKeysOptions) {
  const { tenantId, identity, settled, checkpoints, rotations, records } = options;
  const { signer, next } = identity;
  let handedOver = false;

  const signerOf = (key: NoteKey): NoteSigner => {
    const found = [signer, next].find((each) => each?.keyId === keyIdOf(key));
    if (found === undefined)
      throw new TlogError(
        'unknown_key',
        `the log of ${tenantId} is signed by key ${keyIdOf(key)}, which is not one that signs now: name it as VANTIO_LOG_KEY until every log has handed over`,
      );
    return found;
  };

  /** Keys that signed a checkpoint, in the order in which they take over. */
  const signersOf = (newest: Uint8Array): readonly NoteKey[] => {
    const ids = parseNote(Buffer.from(newest).toString())
      .signatures.filter(({ name }) => name === identity.origin)
      .map(({ keyId }) => keyId);
    const known = identity.keys.filter((key) => ids.includes(keyIdOf(key)));
    // An instance that does not know of the next key yet must not go on after it.
    if (known.length !== ids.length || known.length === 0)
      throw new TlogError(
        'unknown_key',
        `the log of ${tenantId} is signed by a key that VANTIO_LOG_PUBLIC_KEY does not name`,
      );
    return known;
  };

  /** The key in charge. A rotation of which only the note is missing is finished. */
  const inCharge = async (newest: Uint8Array | undefined): Promise<NoteSigner> => {
    if (newest === undefined) return signer;
    const [from, to, ...more] = signersOf(newest) as readonly [NoteKey, ...NoteKey[]];
    if (to === undefined) return signerOf(from);
    if (more.length > 0)
      throw new TlogError('inconsistent', `three keys signed a checkpoint of ${tenantId}`);
    const before = await rotations.all();
    const last = before.at(-1);
    if (last === undefined || keyIdOf(last.to) !== keyIdOf(to)) await handOver(newest, from, to);
    return signerOf(to);
  };

  const handOver = async (newest: Uint8Array, from: NoteKey, to: NoteKey): Promise<void> => {
    const before = await rotations.all();
    const number = before.length + 1;
    const head = parseCheckpointText(parseNote(Buffer.from(newest).toString()).text);
    const text = rotationText({ head, from, to });
    const made = Buffer.from(await signNote(text, [signerOf(from), signerOf(to)]));
    // A note that does not go on from those before would be nobody's word.
    const [first = from] = before.map((each) => each.from);
    termsOf([first], [...before, openRotation(made.toString())]);
    const name = objectName(tenantId, rotationPath(number));
    const note = (await settled.create(name, made)) ? made : await settled.read(name);
    // Another sealer's, whose signatures may be other bytes: what counts is what both keys signed.
    if (note === undefined || parseNote(Buffer.from(note).toString()).text !== text)
      throw new TlogError('inconsistent', `${name} is there already, of another rotation`);
    await rotations.put(number, note);
    handedOver = true;
  };

  const rotated = (): SignerWord | undefined =>
    next && { type: 'signer_rotated', keyId: signer.keyId, nextKeyId: next.keyId };

  /** Revoked keys that this log has had. */
  const revoked = async (): Promise<readonly SignerWord[]> => {
    if (identity.revoked.length === 0) return [];
    const had = (await rotations.all()).map(({ from }) => keyIdOf(from));
    return identity.revoked
      .map(keyIdOf)
      .filter((keyId) => had.includes(keyId))
      .map((keyId) => ({ type: 'signer_revoked', keyId }));
  };

  return {
    /** Whether a note was published here. */
    hasHandedOver: () => handedOver,

    /**
     * Who signs a tree of so many leaves that goes on from the newest checkpoint.
     * @throws {TlogError} if the key in charge is none that signs now.
     */
    signersFor: async (newest: Uint8Array | undefined, size: number): Promise<Signers> => {
      const due = await inCharge(newest);
      const word = rotated();
      if (next === undefined || word === undefined || due !== signer) return { signer: due };
      const isSaid = (await records.leavesOf(word)).some(
        (leaf) => leaf !== undefined && leaf < size,
      );
      return isSaid ? { signer: due, nextSigner: next } : { signer: due };
    },

    /**
     * Takes the next step that the keys want of this log, whose rows are all sealed.
     * @returns whether there is a record in the ledger now that is to be sealed.
     */
    advance: async (): Promise<boolean> => {
      if (next === undefined && identity.revoked.length === 0) return false;
      const newest = await checkpoints.newest();
      if (newest === undefined) return false;
      const due = await inCharge(newest);
      const word = rotated();
      if (word !== undefined && due === signer) {
        const size = sizeOf(newest);
        const leaves = await records.leavesOf(word);
        // One that an instance without the next key has sealed is in no tree of both: it is said again.
        if (!leaves.some((leaf) => leaf === undefined || leaf >= size))
          await records.say(word, size);
        return true;
      }
      for (const each of await revoked()) {
        if ((await records.leavesOf(each)).length > 0) continue;
        await records.say(each, 0);
        return true;
      }
      return false;
    },
  };
}
