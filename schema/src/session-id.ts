import { createHash } from 'node:crypto';

/**
 * Session id of a session key: the first 16 bytes of SHA-256 of the raw key.
 * @param publicKey raw Ed25519 public key, 64 hex digits.
 */
export const sessionIdOf = (publicKey: string): string =>
  createHash('sha256').update(Buffer.from(publicKey, 'hex')).digest('hex').slice(0, 32);
