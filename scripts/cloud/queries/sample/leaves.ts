import type { LedgerRow } from '@vantio/schema/spanner/ledger-row';
import type { Row } from '../../spanner-rest.ts';

type Committed = Pick<LedgerRow, 'TenantId' | 'TraceId' | 'EventId' | 'RecordHash'> & {
  readonly CommitTimestamp: string;
};

/** Of the tenant whose questions are asked: so many records are leaves, and some of these behind its checkpoint of 70. */
const SEALED = 74;
/** Places in commit order of a record that the sealer passed over, and of one that it found after the range. */
const [PASSED_OVER, FOUND_LATE] = [20, 30];
const LATE = '2025-03-01T00:00:00.000000Z';

/** Leaves of a tenant's records in commit order. A rival's are all sealed. */
export function leaves(rows: readonly Committed[], rival: boolean): readonly Row[] {
  const key = ({ CommitTimestamp, EventId, RecordHash }: Committed): string =>
    `${CommitTimestamp} ${EventId} ${RecordHash}`;
  const inOrder = rows.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  const sealed = rival
    ? inOrder
    : inOrder.slice(0, SEALED + 1).filter((_, at) => at !== PASSED_OVER);
  return sealed.map(({ TenantId, TraceId, EventId, RecordHash, CommitTimestamp }, at) => ({
    TenantId,
    LeafIndex: at,
    TraceId,
    EventId,
    RecordHash,
    CommitTimestamp,
    SealedAt: !rival && at === FOUND_LATE ? LATE : CommitTimestamp,
  }));
}
