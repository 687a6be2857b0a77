import type { Database } from '@google-cloud/spanner';
import { CLOUD_MERGE_MINUTES } from '@vantio/schema/wire/limits';

/** So many rows are a full tile: waiting longer makes nothing cheaper. */
export const DUE_ROWS = 256;
/** Half of what a receipt promises: the other half is for the way to the ledger, and for a sealer that has to try again. */
export const DUE_MINUTES = CLOUD_MERGE_MINUTES / 2;
/** What is older was found before, or is found by the daily sweep. */
const LOOK_BACK_MINUTES = 60;
const TIMEOUT_MILLIS = 120_000;

/**
 * A tenant's rows of the last hour: how many are no leaf, how old the oldest of them is, and whether each leaf is in a signed
 * tree: a sealer that was killed left some that are not.
 */
const DIRTY = `SELECT recent.TenantId
  FROM (
    SELECT l.TenantId,
      COUNTIF(f.LeafIndex IS NULL) AS Pending,
      MIN(IF(f.LeafIndex IS NULL, l.CommitTimestamp, NULL)) AS Oldest,
      IFNULL(MAX(f.LeafIndex), -1) AS LastLeaf
    FROM TrueTimeLedger@{FORCE_INDEX=LedgerByCommit} AS l
    LEFT JOIN Leaves@{FORCE_INDEX=LeafOfRecord} AS f
      ON f.TenantId = l.TenantId AND f.EventId = l.EventId AND f.RecordHash = l.RecordHash AND f.TraceId = l.TraceId
    WHERE l.CommitShard BETWEEN 0 AND 15
      AND l.CommitTimestamp >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL ${LOOK_BACK_MINUTES} MINUTE)
    GROUP BY l.TenantId
  ) AS recent
  WHERE recent.Pending >= ${DUE_ROWS}
    OR recent.Oldest <= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL ${DUE_MINUTES} MINUTE)
    OR recent.LastLeaf >= IFNULL((
      SELECT c.TreeSize FROM Checkpoints@{FORCE_INDEX=CheckpointsNewest} AS c
      WHERE c.TenantId = recent.TenantId ORDER BY c.TreeSize DESC LIMIT 1
    ), 0)
  ORDER BY recent.TenantId`;

/** Tenants that are due to be sealed: nobody else costs anything. */
export async function dirtyTenants(database: Database): Promise<readonly string[]> {
  const [rows] = await database.run({
    sql: DIRTY,
    json: true,
    gaxOptions: { timeout: TIMEOUT_MILLIS },
  });
  return (rows as unknown as readonly { readonly TenantId: string }[]).map((row) => row.TenantId);
}

const NEXT = `SELECT TenantId FROM TrueTimeLedger@{FORCE_INDEX=LedgerByTenant}
  WHERE TenantId > @after ORDER BY TenantId LIMIT 1`;

/** Every tenant that has a row: from one to the next, each a look into the index, so that no row is read. */
export async function* allTenants(database: Database): AsyncGenerator<string> {
  for (let after = ''; ; ) {
    const [rows] = await database.run({ sql: NEXT, params: { after }, json: true });
    const [row] = rows as unknown as readonly { readonly TenantId: string }[];
    if (row === undefined) return;
    yield row.TenantId;
    after = row.TenantId;
  }
}
