import * as crypto from 'node:crypto';
import { parseCheckpointText } from './checkpoint.ts';
import {
  HAS_ML_DSA_44,
  ML_DSA_44_SIGNATURE_BYTES,
  mlDsaMessage,
  mlDsaPublicKey,
  NO_ML_DSA_44,
  rawMlDsaPublicKey,
} from './cosignature-ml-dsa.ts';
import type { Note, NoteSignature } from './note.ts';
import { signatureLine } from './note.ts';
import { ed25519PublicKey, keyIdOf, type NoteKey, rawPublicKey } from './note-keys.ts';
import { TlogError } from './tlog-error.ts';

/** A witness's word that a checkpoint goes on from all it saw of the log (C2SP tlog-cosignature). */
export type Cosignature = {
  readonly witness: string;
  /** Seconds since the epoch, of the witness's clock. */
  readonly time: number;
  readonly line: string;
};

/** Lines of a witness that are there, and that this runtime cannot check: they say nothing for or against. */
export type UnmeasuredCosignature = { readonly witness: string; readonly reason: string };

type Message = (text: string, time: number, witness: string) => Uint8Array;

const TIMESTAMP_BYTES = 8;
const ED25519_BYTES = 64;

/** What an Ed25519 witness signs: the text of the checkpoint under a header and a time. */
const ed25519Message: Message = (text, time) =>
  Buffer.from(`cosignature/v1\ntime ${time}\n${text}`);

const mlDsa44Message: Message = (text, time, witness) =>
  mlDsaMessage(witness, time, parseCheckpointText(text));

/** The key by which others know the cosignatures that a private key makes under a name. */
export function witnessKeyOf(name: string, privateKey: crypto.KeyObject): NoteKey {
  // The type definitions do not know every algorithm that the runtime has.
  const type: string | undefined = privateKey.asymmetricKeyType;
  switch (type) {
    case 'ed25519':
      return { name, type: 'cosignatureEd25519', publicKey: rawPublicKey(privateKey) };
    case 'ml-dsa-44':
      return { name, type: 'cosignatureMlDsa44', publicKey: rawMlDsaPublicKey(privateKey) };
    default:
      throw new TlogError('bad_key', 'the key of a witness is neither Ed25519 nor ML-DSA-44');
  }
}

/**
 * @param text of a checkpoint.
 * @param time seconds since the epoch.
 * @throws {TlogError} if the key is of another kind than witnesses have.
 */
export function cosign(
  text: string,
  time: number,
  name: string,
  privateKey: crypto.KeyObject,
): string {
  const key = witnessKeyOf(name, privateKey);
  const message = key.type === 'cosignatureEd25519' ? ed25519Message : mlDsa44Message;
  const stamp = Buffer.alloc(TIMESTAMP_BYTES);
  stamp.writeBigUInt64BE(BigInt(time));
  const signature = crypto.sign(null, message(text, time, name), privateKey);
  return signatureLine({ name, keyId: keyIdOf(key) }, Buffer.concat([stamp, signature]));
}

/**
 * The cosignatures of `witnesses` under a checkpoint, one of each. Left out are lines of others, those without a time, and
 * those that this runtime cannot check: `unmeasuredCosignatures` names them.
 * @throws {TlogError} if one of theirs does not hold.
 */
export function readCosignatures(
  note: Note,
  witnesses: readonly NoteKey[],
): readonly Cosignature[] {
  return witnesses.filter(isMeasurable).flatMap((witness) => {
    const read = linesOf(note, witness).map((line) => readCosignature(note.text, line, witness));
    // One of ML-DSA-44 may bear the time 0, which says nothing of when: it is not the earliest of all.
    const timed = read.filter(({ time }) => time > 0);
    // Of two, the earlier: it is the stronger word on when the checkpoint was there.
    return timed.toSorted((a, b) => a.time - b.time).slice(0, 1);
  });
}

/** Which of `witnesses` left lines that this runtime cannot check, and why it cannot. */
export const unmeasuredCosignatures = (
  note: Note,
  witnesses: readonly NoteKey[],
): readonly UnmeasuredCosignature[] =>
  witnesses
    .filter((witness) => !isMeasurable(witness) && linesOf(note, witness).length > 0)
    .map(({ name }) => ({ witness: name, reason: NO_ML_DSA_44 }));

const isMeasurable = ({ type }: NoteKey): boolean => type !== 'cosignatureMlDsa44' || HAS_ML_DSA_44;

function linesOf({ signatures }: Note, witness: NoteKey): readonly NoteSignature[] {
  const keyId = keyIdOf(witness);
  return signatures.filter((line) => line.name === witness.name && line.keyId === keyId);
}

/** @throws {TlogError} unless the signature holds; `unmeasured` if this runtime cannot tell. */
export function readCosignature(
  text: string,
  { bytes, line }: NoteSignature,
  { name, type, publicKey }: NoteKey,
): Cosignature {
  if (type === 'ed25519')
    throw new TlogError('bad_key', `the key of ${name} is that of a log, not of a witness`);
  const isEd25519 = type === 'cosignatureEd25519';
  const length = isEd25519 ? ED25519_BYTES : ML_DSA_44_SIGNATURE_BYTES;
  if (bytes.length !== TIMESTAMP_BYTES + length)
    throw new TlogError('bad_signature', `a cosignature of ${name} is of another length`);
  const time = Number(Buffer.from(bytes).readBigUInt64BE());
  if (!Number.isSafeInteger(time))
    throw new TlogError('bad_signature', `a cosignature of ${name} is of no time`);
  const key = isEd25519 ? ed25519PublicKey(publicKey) : mlDsaPublicKey(publicKey);
  const message = (isEd25519 ? ed25519Message : mlDsa44Message)(text, time, name);
  if (!crypto.verify(null, message, key, bytes.subarray(TIMESTAMP_BYTES)))
    throw new TlogError('bad_signature', `a cosignature of ${name} does not hold`);
  return { witness: name, time, line };
}
