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
  readonly asymmetricKeyType: 'ed25519' | 'ml-dsa-44';
  readonly raw: Bytes;
  readonly export: () => Bytes;
};

/** SubjectPublicKeyInfo is this and the raw key (RFC 8410, section 4; RFC 9881, section 4). */
const KINDS = [
  ['ed25519', 'Ed25519', Buffer.from('302a300506032b6570032100', 'hex'), 32],
  [
    'ml-dsa-44',
    'ML-DSA-44',
    Buffer.from('30820532300b06096086480165030403110382052100', 'hex'),
    1312,
  ],
] as const;
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
  for (const [asymmetricKeyType, , prefix, bytes] of KINDS) {
    const raw = der.subarray(prefix.length);
    if (Buffer.compare(der.subarray(0, prefix.length), prefix) === 0 && raw.length === bytes)
      return { type: 'public', asymmetricKeyType, raw, export: () => der };
  }
  throw new TypeError('is not a public key of Ed25519');
}

const derOf = (pem: Bytes): Bytes =>
  Buffer.from(PEM.exec(Buffer.from(pem).toString('latin1'))?.[1] ?? '', 'base64');

export const verify = (_: null, message: Bytes, key: PublicKey, signature: Bytes): boolean => {
  const [, algorithm] = KINDS.find(([type]) => type === key.asymmetricKeyType) ?? KINDS[0];
  return signatureHolds(algorithm, key.export(), message, signature);
};

type Supports = { readonly supports?: (operation: string, algorithm: string) => boolean };

/** Whether there is ML-DSA-44 is asked for by trying. @throws where WebCrypto does not say that it has it. */
export const generateKeyPairSync = (type: string): object => {
  const { SubtleCrypto: subtle } = globalThis as unknown as { readonly SubtleCrypto?: Supports };
  if (type === 'ml-dsa-44' && subtle?.supports?.('verify', 'ML-DSA-44') === true) return {};
  throw new Error('a verifier makes no keys');
};

function requireSha256(algorithm: string): void {
  if (algorithm !== 'sha256') throw new TypeError(`${algorithm} is not known here`);
}
