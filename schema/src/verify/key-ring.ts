import type { KeyObject } from 'node:crypto';
import { readApiKey } from '../api-key.ts';
import { receivedKey, recordKey } from '../hash.ts';
import type { Plan } from '../plans.ts';

export type VerifyingKey = {
  readonly tenantId: string;
  readonly plan: Plan;
  readonly record: KeyObject;
  readonly received: KeyObject;
};

/**
 * The keys a user named, by key id, which several may share; never one found inside a ledger.
 * @throws {ApiKeyError} malformed_key.
 */
export function createKeyRing(
  apiKeys: readonly string[],
): ReadonlyMap<string, readonly VerifyingKey[]> {
  const ring = new Map<string, VerifyingKey[]>();
  for (const apiKey of apiKeys) {
    const { keyId, tenantId, plan } = readApiKey(apiKey);
    const key = { tenantId, plan, record: recordKey(apiKey), received: receivedKey(apiKey) };
    ring.set(keyId, [...(ring.get(keyId) ?? []), key]);
  }
  return ring;
}
