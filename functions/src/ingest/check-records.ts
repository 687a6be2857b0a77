import { type Envelope, equalDigests, recordHash, recordMac } from '@vantio/schema';
import type { ProblemCode } from '@vantio/schema/wire/problem';
import type { Caller } from '../door/doorkeeper.ts';
import { type Refusal, refuse } from '../door/problem-response.ts';
import type { CheckedRecord } from './ledger-store.ts';

/** Holds every record to the key it came under: tenant, key id, MAC. */
export function checkRecords(
  envelopes: readonly Envelope[],
  caller: Caller,
): readonly CheckedRecord[] | Refusal {
  const { tenantId, keyId, plan } = caller.claims;
  const checked: CheckedRecord[] = [];
  for (const { record, canonical, mac, disclosures } of envelopes) {
    const index = checked.length;
    if (record.tenant_id !== tenantId)
      return wrong('wrong_tenant', index, 'tenant_id', 'is not the tenant of the API key');
    if (record.key_id !== keyId)
      return wrong(
        'wrong_key',
        index,
        'key_id',
        'is not the id of the API key in Authorization; its MAC could not be checked',
      );
    if (record.source === 'control_plane' && plan !== 'control')
      return wrong('reserved_source', index, 'source', 'is reserved for the control plane');
    if (!equalDigests(mac, recordMac(caller.recordKey, canonical)))
      return wrong('bad_mac', index, 'record_mac', 'does not hold under the API key');
    checked.push({ record, canonical, hash: recordHash(canonical), mac, disclosures });
  }
  return checked;
}

const wrong = (code: ProblemCode, record: number, field: string, message: string): Refusal =>
  refuse(code, `record ${record}: ${field} ${message}`, { record, field, code });
