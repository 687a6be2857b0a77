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
 * The keys a user named, by key id; never one found inside a ledger.
 * @throws {ApiKeyError} malformed_key.
 */
export const createKeyRing = (apiKeys: readonly string[]): ReadonlyMap<string, VerifyingKey> =>
  new Map(
    apiKeys.map((apiKey) => {
      const { keyId, tenantId, plan } = readApiKey(apiKey);
      return [keyId, { tenantId, plan, record: recordKey(apiKey), received: receivedKey(apiKey) }];
    }),
  );
