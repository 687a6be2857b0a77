import * as crypto from 'node:crypto';
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

const TIMESTAMP_BYTES = 8;
const ED25519_BYTES = 64;

/** What an Ed25519 witness signs: the text of the checkpoint under a header and a time. */
const cosignedText = (text: string, time: number): Buffer =>
  Buffer.from(`cosignature/v1\ntime ${time}\n${text}`);

/** @param time seconds since the epoch. */
export function cosign(
  text: string,
  time: number,
  name: string,
  privateKey: crypto.KeyObject,
): string {
  const stamp = Buffer.alloc(TIMESTAMP_BYTES);
  stamp.writeBigUInt64BE(BigInt(time));
  const signature = crypto.sign(null, cosignedText(text, time), privateKey);
  const keyId = keyIdOf({
    name,
    type: 'cosignatureEd25519',
    publicKey: rawPublicKey(privateKey),
  });
  return signatureLine({ name, keyId }, Buffer.concat([stamp, signature]));
}

/**
 * The cosignatures of `witnesses` under a checkpoint, one of each. Lines of others are ignored.
 * @throws {TlogError} if one of theirs does not hold.
 */
export function readCosignatures(
  note: Note,
  witnesses: readonly NoteKey[],
): readonly Cosignature[] {
  return witnesses.flatMap((witness) => {
    const keyId = keyIdOf(witness);
    const theirs = note.signatures.filter(
      (line) => line.name === witness.name && line.keyId === keyId,
    );
    const read = theirs.map((line) => readCosignature(note.text, line, witness));
    // Of two, the earlier: it is the stronger word on when the checkpoint was there.
    return read.toSorted((a, b) => a.time - b.time).slice(0, 1);
  });
}

/** @throws {TlogError} unless the signature holds. */
export function readCosignature(
  text: string,
  { bytes, line }: NoteSignature,
  { name, type, publicKey }: NoteKey,
): Cosignature {
  if (type !== 'cosignatureEd25519')
    throw new TlogError('bad_key', `the key of ${name} is not one of an Ed25519 witness`);
  if (bytes.length !== TIMESTAMP_BYTES + ED25519_BYTES)
    throw new TlogError('bad_signature', `a cosignature of ${name} is of another length`);
  const time = Number(Buffer.from(bytes).readBigUInt64BE());
  if (!Number.isSafeInteger(time))
    throw new TlogError('bad_signature', `a cosignature of ${name} is of no time`);
  const signature = bytes.subarray(TIMESTAMP_BYTES);
  if (!crypto.verify(null, cosignedText(text, time), ed25519PublicKey(publicKey), signature))
    throw new TlogError('bad_signature', `a cosignature of ${name} does not hold`);
  return { witness: name, time, line };
}
