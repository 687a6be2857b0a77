import type { Database } from '@google-cloud/spanner';
import { type Bucket, exchange, KEEP_MILLIS } from '@vantio/schema/spend/bucket';
import type { SpendStore } from '../../spend/spend-store.ts';
import type { LeaseRecords } from './lease-records.ts';

const READ = `SELECT BucketId, State FROM SpendBuckets
WHERE TenantId = @tenantId AND BucketId IN UNNEST(@buckets)`;
/** A few at a time: whoever leases for a tenant sweeps what ended before. */
const ENDED = `SELECT BucketId FROM SpendBuckets@{FORCE_INDEX=SpendBucketsByEnd}
WHERE TenantId = @tenantId AND EndsAt < @before LIMIT 100`;

const SWEEP_MILLIS = 600_000;
const MAX_SWEPT = 10_000;

type Row = { readonly BucketId: string; readonly State: string };

/**
 * Spend in Spanner: one row a bucket, read and written in one transaction, so that of two exchanges about one bucket the second sees what
 * the first has granted; the record of what is granted is part of it. Time is the instance's: a lease is a minute, and clocks of Cloud Run differ by milliseconds.
 */
export function createSpendBuckets(
  database: () => Promise<Database>,
  records: LeaseRecords,
  now: () => number = Date.now,
): SpendStore {
  let swept = new Map<string, number>();

  /** Once in a while for each tenant, by whoever leases for it. */
  async function sweep(tenantId: string): Promise<void> {
    if (now() - (swept.get(tenantId) ?? 0) < SWEEP_MILLIS) return;
    if (swept.size >= MAX_SWEPT) swept = new Map();
    swept.set(tenantId, now());
    await sweepSpendBuckets(await database(), tenantId, now);
  }

  return {
    async exchange(tenantId, reports, asks, notesOf) {
      const buckets = [...new Set([...reports, ...asks].map(({ bucket }) => bucket))];
      if (buckets.length === 0) return [];
      await sweep(tenantId);
      const seal = asks.length === 0 ? undefined : await records.sealer();
      const { outcomes, row } = await (await database()).runTransactionAsync(
        async (transaction) => {
          const [rows] = await transaction.run({
            sql: READ,
            params: { tenantId, buckets },
            types: { tenantId: 'string', buckets: { type: 'array', child: 'string' } },
            json: true,
          });
          const known = new Map(
            (rows as unknown as readonly Row[]).map(({ BucketId, State }) => [
              BucketId,
              JSON.parse(State) as Bucket,
            ]),
          );
          const { changed, outcomes } = exchange(known, reports, asks, now());
          const notes = notesOf(outcomes);
          const row = notes.length === 0 ? undefined : seal?.(notes);
          if (row) records.keep(transaction, row);
          for (const [bucket, state] of changed)
            transaction.upsert('SpendBuckets', {
              TenantId: tenantId,
              BucketId: bucket,
              State: JSON.stringify(state),
              EndsAt: new Date(state.endsAt),
            });
          // Given back at once, or the database holds its locks until it notices.
          if (changed.size === 0) await transaction.rollback();
          else await transaction.commit();
          return { outcomes, row };
        },
      );
      if (row) await records.sendSoon(row);
      return outcomes;
    },
  };
}

/** Forgets budgets of windows that ended long ago. @returns how many */
export async function sweepSpendBuckets(
  database: Database,
  tenantId: string,
  now: () => number = Date.now,
): Promise<number> {
  const [rows] = await database.run({
    sql: ENDED,
    params: { tenantId, before: new Date(now() - KEEP_MILLIS) },
    types: { tenantId: 'string', before: 'timestamp' },
    json: true,
  });
  const keys = (rows as unknown as readonly Row[]).map(({ BucketId }) => [tenantId, BucketId]);
  if (keys.length > 0) await database.table('SpendBuckets').deleteRows(keys);
  return keys.length;
}
