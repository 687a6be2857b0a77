import type { Database } from '@google-cloud/spanner';
import { formatLogEntry } from '@vantio/schema/log-entry';
import { TlogError } from '@vantio/schema/tlog/tlog-error';

const ENTRIES = `SELECT f.LeafIndex, l.Record, l.RecordMac,
    FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', l.ReceivedAt, 'UTC') AS Received,
    FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', l.CommitTimestamp, 'UTC') AS Committed
  FROM Leaves AS f
  LEFT JOIN TrueTimeLedger AS l
    ON l.TenantId = f.TenantId AND l.TraceId = f.TraceId AND l.EventId = f.EventId AND l.RecordHash = f.RecordHash
  WHERE f.TenantId = @tenantId AND f.LeafIndex >= @from AND f.LeafIndex < @to
  ORDER BY f.LeafIndex`;

type Row = {
  readonly LeafIndex: number;
  readonly Record: string | null;
  readonly RecordMac: string;
  readonly Received: string;
  readonly Committed: string;
};

/**
 * Entries of a tenant's leaves from one index to before another, as the ledger's rows make them; undefined if the log has not
 * so many leaves.
 * @throws {TlogError} `inconsistent` if the row of a leaf is gone.
 */
export async function leafEntries(
  database: Database,
  tenantId: string,
  from: number,
  to: number,
): Promise<readonly Uint8Array[] | undefined> {
  if (from === to) return [];
  const [found] = await database.run({
    sql: ENTRIES,
    params: { tenantId, from, to },
    types: { from: 'int64', to: 'int64' },
    json: true,
  });
  const rows = found as unknown as readonly Row[];
  if (rows.length < to - from) return undefined;
  return rows.map(entryOf);
}

function entryOf({ LeafIndex, Record, RecordMac, Received, Committed }: Row): Uint8Array {
  if (Record === null)
    throw new TlogError('inconsistent', `the ledger has lost the row of leaf ${LeafIndex}`);
  const parts = { commitTimestamp: Committed, receivedAt: Received };
  return Buffer.from(formatLogEntry({ ...parts, canonical: Record, mac: RecordMac }));
}
