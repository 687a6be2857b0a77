import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { Buffer } from 'buffer/index.js';
import { signatureHolds } from '../signature-answers.ts';

/**
 * What the verifier uses of `node:crypto`. Hashes and MACs are made at once, by a library; WebCrypto, which only answers later,
 * checks the signatures: see `signature-answers.ts`. There is no `hash`: schema does without where it is not there.
 */
type Bytes = Uint8Array;
type Encoding = 'utf8' | 'hex' | 'latin1' | 'base64';

/** A hash or MAC that was begun. */
type State = {
  readonly update: (bytes: Bytes) => unknown;
  readonly digest: () => Uint8Array<ArrayBuffer>;
};
type SecretKey = { readonly type: 'secret'; readonly begun: { readonly clone: () => State } };
type PublicKey = {
  readonly type: 'public';
  readonly asymmetricKeyType: 'ed25519';
  readonly raw: Bytes;
  readonly export: () => Bytes;
};

/** SubjectPublicKeyInfo of Ed25519 is this and the 32 bytes of the key (RFC 8410, section 4). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const PEM = /^-----BEGIN PUBLIC KEY-----\s+([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----\s*$/;

const bytesOf = (data: string | Bytes, encoding: Encoding = 'utf8'): Bytes =>
  typeof data === 'string' ? Buffer.from(data, encoding) : data;

function hashing(state: State) {
  const hashed = {
    update: (data: string | Bytes, encoding?: Encoding) => {
      state.update(bytesOf(data, encoding));
      return hashed;
    },
    digest: (encoding?: Encoding): string | Buffer => {
      const digest = Buffer.from(state.digest().buffer);
      return encoding === undefined ? digest : digest.toString(encoding);
    },
  };
  return hashed;
}

export const createHash = (algorithm: 'sha256') => {
  requireSha256(algorithm);
  return hashing(sha256.create());
};

export const createSecretKey = (bytes: Bytes): SecretKey => ({
  type: 'secret',
  begun: hmac.create(sha256, bytes),
});

export const createHmac = (algorithm: 'sha256', key: SecretKey) => {
  requireSha256(algorithm);
  return hashing(key.begun.clone());
};

export const hkdfSync = (
  algorithm: 'sha256',
  key: string,
  salt: string,
  info: string,
  length: number,
): Bytes => {
  requireSha256(algorithm);
  return hkdf(sha256, bytesOf(key), bytesOf(salt), bytesOf(info), length);
};

/** @param key its DER form, or a PEM file's bytes. */
export function createPublicKey(key: Bytes | { readonly key: Bytes } | PublicKey): PublicKey {
  if ('raw' in key) return key;
  const der = 'key' in key ? key.key : derOf(key);
  const raw = der.subarray(SPKI_PREFIX.length);
  if (Buffer.compare(der.subarray(0, SPKI_PREFIX.length), SPKI_PREFIX) !== 0 || raw.length !== 32)
    throw new TypeError('is not a public key of Ed25519');
  return { type: 'public', asymmetricKeyType: 'ed25519', raw, export: () => der };
}

const derOf = (pem: Bytes): Bytes =>
  Buffer.from(PEM.exec(Buffer.from(pem).toString('latin1'))?.[1] ?? '', 'base64');

export const verify = (_: null, message: Bytes, key: PublicKey, signature: Bytes): boolean =>
  signatureHolds(key.raw, message, signature);

/** Says that there is no ML-DSA-44: it is asked for by trying. */
export const generateKeyPairSync = (): never => {
  throw new Error('a verifier makes no keys');
};

function requireSha256(algorithm: string): void {
  if (algorithm !== 'sha256') throw new TypeError(`${algorithm} is not known here`);
}
