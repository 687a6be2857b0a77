import { type ApiKeyClaims, instantFromMicros, microsFromInstant } from '@vantio/schema';
import type { Receipt } from '@vantio/schema/receipt';
import type { CheckedRecord } from './ledger-store.ts';

export type Promised = {
  /** Of the log that will hold the batch. */
  readonly origin: string;
  /** Microseconds from receipt to checkpoint, at most. */
  readonly mergeMicros: number;
};

/** What is promised for a batch: schema/log.md, section 4. */
export const receiptOf = (
  records: readonly CheckedRecord[],
  receivedAt: string,
  { keyId, tenantId }: Pick<ApiKeyClaims, 'keyId' | 'tenantId'>,
  { origin, mergeMicros }: Promised,
): Receipt => ({
  events: records.map(({ record, hash }) => ({ event_id: record.event_id, record_hash: hash })),
  key_id: keyId,
  merge_by: instantFromMicros(microsFromInstant(receivedAt) + mergeMicros),
  origin,
  received_at: receivedAt,
  tenant_id: tenantId,
});
