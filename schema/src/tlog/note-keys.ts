import * as crypto from 'node:crypto';
import {
  decodeBase64,
  encodeBase64,
  isKeyName,
  type NoteSigner,
  type NoteVerifier,
} from './note.ts';
import { sha256 } from './sha256.ts';
import { TlogError } from './tlog-error.ts';

/** Signature type bytes of C2SP signed-note and tlog-cosignature. */
export const SIGNATURE_TYPES = {
  ed25519: 1,
  cosignatureEd25519: 4,
  cosignatureMlDsa44: 6,
} as const;
export type SignatureType = keyof typeof SIGNATURE_TYPES;

/** A public key under a name: who may sign, and how. */
export type NoteKey = {
  readonly name: string;
  readonly type: SignatureType;
  /** Raw: 32 bytes of Ed25519, 1,312 of ML-DSA-44. */
  readonly publicKey: Uint8Array;
};

const KEY_BYTES: Readonly<Record<SignatureType, number>> = {
  ed25519: 32,
  cosignatureEd25519: 32,
  cosignatureMlDsa44: 1312,
};

/** SHA-256(name ‖ 0x0A ‖ type ‖ public key)[:4], eight hex digits. */
export const keyIdOf = ({ name, type, publicKey }: NoteKey): string =>
  Buffer.from(
    sha256(Buffer.concat([Buffer.from(`${name}\n`), typed({ type, publicKey })])).subarray(0, 4),
  ).toString('hex');

/** `NAME+KEYID+BASE64`: the note verifier key that a user pins. */
export const formatVerifierKey = (key: NoteKey): string =>
  `${key.name}+${keyIdOf(key)}+${encodeBase64(typed(key))}`;

const typed = ({ type, publicKey }: Pick<NoteKey, 'type' | 'publicKey'>): Uint8Array =>
  Buffer.concat([Uint8Array.of(SIGNATURE_TYPES[type]), publicKey]);

/**
 * Inverse of `formatVerifierKey`.
 * @throws {TlogError}
 */
export function parseVerifierKey(text: string): NoteKey {
  const [name = '', keyId = '', ...rest] = text.split('+');
  const bytes = decodeBase64(rest.join('+'));
  if (!isKeyName(name) || !/^[0-9a-f]{8}$/.test(keyId) || bytes === undefined || bytes.length === 0)
    throw new TlogError('bad_key', 'a verifier key is not of the form NAME+KEYID+BASE64');
  const type = (Object.keys(SIGNATURE_TYPES) as SignatureType[]).find(
    (each) => SIGNATURE_TYPES[each] === bytes[0],
  );
  if (type === undefined)
    throw new TlogError(
      'bad_key',
      `a verifier key is of signature type ${bytes[0]}, which is not known here`,
    );
  const key = { name, type, publicKey: bytes.subarray(1) };
  if (key.publicKey.length !== KEY_BYTES[type])
    throw new TlogError('bad_key', 'a verifier key is of another length than its type has');
  if (keyIdOf(key) !== keyId)
    throw new TlogError('bad_key', 'a verifier key has a key id that is not its own');
  return key;
}

const SPKI_ED25519 = Buffer.from('302a300506032b6570032100', 'hex');

export const ed25519PublicKey = (raw: Uint8Array): crypto.KeyObject =>
  crypto.createPublicKey({
    key: Buffer.concat([SPKI_ED25519, raw]),
    format: 'der',
    type: 'spki',
  });

/** The last 32 bytes of the SPKI form are the key. */
export const rawPublicKey = (key: crypto.KeyObject): Uint8Array =>
  crypto.createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);

/** Checks a log's own signatures, of type 0x01: Ed25519 over the note's text. */
export function createNoteVerifier(key: NoteKey): NoteVerifier {
  if (key.type !== 'ed25519')
    throw new TlogError('bad_key', 'a log is known by a verifier key of type 1, Ed25519');
  const publicKey = ed25519PublicKey(key.publicKey);
  return {
    name: key.name,
    keyId: keyIdOf(key),
    verify: (text, signature) => crypto.verify(null, Buffer.from(text), publicKey, signature),
  };
}

/** Signs as a log does, with a key that this process holds. */
export function createNoteSigner(name: string, privateKey: crypto.KeyObject): NoteSigner {
  const keyId = keyIdOf({ name, type: 'ed25519', publicKey: rawPublicKey(privateKey) });
  return { name, keyId, sign: (text) => crypto.sign(null, Buffer.from(text), privateKey) };
}
