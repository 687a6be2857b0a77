import type { Envelope } from '../envelope.ts';
import { recordHash } from '../hash.ts';

/** A row of `TrueTimeLedger` as a writer gives it; the generated columns follow from `Record`. */
export type LedgerRow = {
  readonly TenantId: string;
  readonly TraceId: string;
  readonly EventId: string;
  readonly RecordHash: string;
  readonly Record: string;
  readonly RecordMac: string;
  /** RFC 3339, µs, UTC. */
  readonly ReceivedAt: string;
};

/** A row of `Disclosures`. */
export type DisclosureRow = Pick<LedgerRow, 'TenantId' | 'TraceId' | 'EventId' | 'RecordHash'> & {
  readonly Field: string;
  readonly Salt: string;
  readonly Value: string;
};

export type LedgerRows = {
  readonly ledger: LedgerRow;
  readonly disclosures: readonly DisclosureRow[];
};

/** One record as rows. Both lack their commit timestamp, which is the database's to give. */
export function ledgerRows(envelope: Envelope, receivedAt: string): LedgerRows {
  const { record, canonical, mac, disclosures } = envelope;
  const key = {
    TenantId: record.tenant_id,
    // The DDL's CHECK says the same: a record of no trace stands under its session.
    TraceId: record.trace_id ?? record.session_id,
    EventId: record.event_id,
    RecordHash: recordHash(canonical),
  };
  return {
    ledger: { ...key, Record: canonical, RecordMac: mac, ReceivedAt: receivedAt },
    disclosures: disclosures.map(({ field, salt, value }) => ({
      ...key,
      Field: field,
      Salt: salt,
      Value: value,
    })),
  };
}
