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

/** A row of `ImportedLines`, without its commit timestamp. */
export type ImportedLineRow = Pick<LedgerRow, 'TenantId' | 'TraceId' | 'EventId' | 'RecordHash'> & {
  /** `received_mac` of the chain's first line. */
  readonly ChainId: string;
  /** From 1, across rotated files. */
  readonly LineNumber: number;
  readonly ReceivedMac: string;
  readonly ReceivedAt: string;
};

/** A row of `Imports`, without its commit timestamp. */
export type ImportRow = {
  readonly TenantId: string;
  readonly ChainId: string;
  readonly ChainLines: number;
  /** `received_mac` of the last of these lines. */
  readonly ChainHead: string;
  readonly TenantLines: number;
  readonly RecordHash: string | null;
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
