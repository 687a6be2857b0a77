import type { SendCommand } from '../redis/monthly-counts.ts';
import { tenantKeys } from '../redis/quota-keys.ts';

const SCAN_COUNT = '1000';

/**
 * Tenants that Redis counts in a month, each once: those with a limit that have sent since Redis had its data. One that was
 * forgotten is here again with its first batch.
 */
export async function* countedTenants(send: SendCommand, month: string): AsyncGenerator<string> {
  const pattern = tenantKeys('*', month).count;
  const [head = '', tail = ''] = pattern.split('*');
  const told = new Set<string>();
  let cursor = '0';
  do {
    const answer = await send(['SCAN', cursor, 'MATCH', pattern, 'COUNT', SCAN_COUNT]);
    const [next, keys] = answer as readonly [unknown, readonly unknown[]];
    cursor = String(next);
    for (const key of keys.map(String)) {
      const tenantId = key.slice(head.length, key.length - tail.length);
      if (told.has(tenantId)) continue;
      told.add(tenantId);
      yield tenantId;
    }
  } while (cursor !== '0');
}
