import { createHash, createPrivateKey, type KeyObject } from 'node:crypto';
import { makeApiKey } from '../api-key.ts';
import type { Plan } from '../plans.ts';

// PKCS8 of an Ed25519 private key is this prefix and the 32-byte seed (RFC 8410 section 7).
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

const seed = (label: string): Buffer =>
  createHash('sha256').update(`vantio test vectors: ${label}`).digest();

/** A private key anyone can make again from its label. For test vectors alone. */
export const fixedKey = (label: string): KeyObject =>
  createPrivateKey({
    key: Buffer.concat([PKCS8_PREFIX, seed(label)]),
    format: 'der',
    type: 'pkcs8',
  });

/** An API key anyone can make again from its labels. For test vectors alone. */
export function fixedApiKey(
  tenantId: string,
  label: string,
  plan: Plan = 'local',
  expiresAt = 0,
): string {
  let call = 0;
  const random = (bytes: number) => seed(`${label} ${call++}`).subarray(0, bytes);
  return makeApiKey({ tenantId, plan, expiresAt }, fixedKey('key maker'), random);
}

export const fixedBytes = (label: string): string => seed(label).toString('hex');
