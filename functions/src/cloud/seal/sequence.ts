import type { Database } from '@google-cloud/spanner';
import { COMMITTED_NOW, insertOnce } from '../spanner/insert-once.ts';

/**
 * `newest`: rows from the last leaf's commit on, which is where all rows are that Spanner dated. `all`: every row of the
 * tenant, which also finds what was inserted with a time of the past.
 */
export type Sweep = 'newest' | 'all';

export type Sequenced = {
  /** Leaves that the tenant's log has now. */
  readonly size: number;
  /** Given their index by this call. */
  readonly added: number;
  /** Nothing was left when it looked last. */
  readonly isDone: boolean;
};

/** Of one commit: far below Spanner's 80,000 mutations. */
const BATCH = 2000;
/** What one call gives out at most; then it is time to sign. */
const MOST_BATCHES = 20;
/** Each time that it loses, another sealer has gone on by at least one batch. */
const MAX_LOSSES = 20;
const TIMEOUT_MILLIS = 60_000;
const THE_BEGINNING = '0001-01-01T00:00:00Z';

const LAST = `SELECT LeafIndex, FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E9SZ', CommitTimestamp, 'UTC') AS Committed
  FROM Leaves WHERE TenantId = @tenantId ORDER BY LeafIndex DESC LIMIT 1`;

const UNSEALED = `SELECT l.TraceId, l.EventId, l.RecordHash,
    FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E9SZ', l.CommitTimestamp, 'UTC') AS Committed
  FROM TrueTimeLedger@{FORCE_INDEX=LedgerByTenant} AS l
  LEFT JOIN Leaves@{FORCE_INDEX=LeafOfRecord} AS f
    ON f.TenantId = l.TenantId AND f.EventId = l.EventId AND f.RecordHash = l.RecordHash AND f.TraceId = l.TraceId
  WHERE l.TenantId = @tenantId AND l.CommitTimestamp >= @from AND l.CommitTimestamp <= @until AND f.LeafIndex IS NULL
  ORDER BY l.CommitTimestamp, l.EventId, l.TraceId, l.RecordHash
  LIMIT @batch`;

type Key = { readonly TraceId: string; readonly EventId: string; readonly RecordHash: string };
type Unsealed = Key & { readonly Committed: string };
type Last = { readonly LeafIndex: number; readonly Committed: string };

/**
 * Gives every committed row of a tenant that is no leaf yet the next index, in the order of (commit timestamp, event id, key):
 * event ids rise within a session, so what was committed together stands as it happened.
 *
 * Each step reads at one timestamp T, strongly: whatever commits later has a later timestamp, so a row that this step does
 * not see comes behind all that it does. Then it inserts the leaves behind the last one that it saw. Of two sealers that saw
 * the same end one finds the index taken, and reads again.
 */
export async function sequence(
  database: Database,
  tenantId: string,
  sweep: Sweep,
  batch = BATCH,
): Promise<Sequenced> {
  let added = 0;
  for (let losses = 0; losses < MAX_LOSSES; ) {
    const { size, rows } = await unsealed(database, tenantId, sweep, batch);
    if (rows.length === 0) return { size, added, isDone: true };
    const outcome = await insertOnce(database, 'Leaves', leavesOf(tenantId, size, rows));
    if (outcome === 'exists') {
      losses++;
      continue;
    }
    added += rows.length;
    const isDone = rows.length < batch;
    if (isDone || added >= MOST_BATCHES * batch) return { size: size + rows.length, added, isDone };
  }
  throw new Error('other sealers are always ahead of this one');
}

const leavesOf = (tenantId: string, size: number, rows: readonly Unsealed[]) =>
  rows.map(({ Committed, ...key }, at) => ({
    TenantId: tenantId,
    LeafIndex: size + at,
    ...key,
    CommitTimestamp: Committed,
    SealedAt: COMMITTED_NOW,
  }));

async function unsealed(
  database: Database,
  tenantId: string,
  sweep: Sweep,
  batch: number,
): Promise<{ readonly size: number; readonly rows: readonly Unsealed[] }> {
  const [snapshot] = await database.getSnapshot({ strong: true, returnReadTimestamp: true });
  try {
    const until = snapshot.readTimestamp?.toISOString();
    if (until === undefined) throw new Error('the database did not say of which time it answers');
    const ask = async <T>(sql: string, params: Readonly<Record<string, string | number>>) => {
      const [rows] = await snapshot.run({
        sql,
        params: { tenantId, ...params },
        types: { from: 'timestamp', until: 'timestamp', batch: 'int64' },
        json: true,
        gaxOptions: { timeout: TIMEOUT_MILLIS },
      });
      return rows as unknown as readonly T[];
    };
    const [last] = await ask<Last>(LAST, {});
    const from = sweep === 'all' ? undefined : last?.Committed;
    const rows = await ask<Unsealed>(UNSEALED, { from: from ?? THE_BEGINNING, until, batch });
    return { size: last === undefined ? 0 : last.LeafIndex + 1, rows };
  } finally {
    snapshot.end();
  }
}
