import type { KeyObject } from 'node:crypto';

declare const require: (name: 'node:crypto') => typeof import('node:crypto');

export type { KeyObject };

/** node:crypto takes milliseconds to load; a program that only imports us must not pay them. */
export const lazyCrypto = (): typeof import('node:crypto') => require('node:crypto');

const POOL_BYTES = 4096;
let pool = '';
let at = 0;

/** Random bytes as hex digits, from a pool: a call of node:crypto for each costs microseconds. */
export function randomHex(digits: number): string {
  if (at + digits > pool.length) {
    pool = lazyCrypto().randomBytes(POOL_BYTES).toString('hex');
    at = 0;
  }
  at += digits;
  return pool.slice(at - digits, at);
}

const isZero = (hex: string): boolean => /^0+$/.test(hex);

/** W3C Trace Context section 3.2.2.3: 16 random bytes, not all zeros. */
export function mintTraceId(): string {
  const id = randomHex(32);
  return isZero(id) ? mintTraceId() : id;
}

/** W3C Trace Context section 3.2.2.4: 8 random bytes, not all zeros. */
export function mintSpanId(): string {
  const id = randomHex(16);
  return isZero(id) ? mintSpanId() : id;
}
