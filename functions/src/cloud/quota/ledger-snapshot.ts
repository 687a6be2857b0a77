import type { Database } from '@google-cloud/spanner';
import { UNCOUNTED_TYPES } from '@vantio/schema';

/** The ledger as it was at one moment. */
export type LedgerSnapshot = {
  /** That moment, by Spanner's clock; milliseconds since 1970. */
  readonly at: number;
  readonly count: (question: CountQuestion) => Promise<CountAnswer>;
  readonly close: () => void;
};

export type CountQuestion = {
  readonly tenantId: string;
  /** Such as 2026-11 (UTC). */
  readonly month: string;
  /** RecordHashes that are looked for. */
  readonly witnesses: readonly string[];
};

export type CountAnswer = {
  /** Counted events of the month that ingest received them in. */
  readonly events: number;
  /** The witnesses that are there. */
  readonly stored: ReadonlySet<string>;
};

export type OpenSnapshot = () => Promise<LedgerSnapshot>;

/**
 * One pass over the tenant's rows, from the primary key: an index by tenant and time would be one more write for every
 * record of every tenant, and this is asked of free tenants alone, once a day.
 */
const COUNT = `SELECT
    COUNTIF(ReceivedAt >= @start AND ReceivedAt < @end AND EventType NOT IN UNNEST(@uncounted)) AS Events,
    ARRAY_AGG(IF(RecordHash IN UNNEST(@witnesses), RecordHash, NULL) IGNORE NULLS) AS Stored
  FROM TrueTimeLedger WHERE TenantId = @tenantId`;
const TIMEOUT_MILLIS = 60_000;
const LOW_PRIORITY = 1;

export const createOpenSnapshot =
  (database: Database): OpenSnapshot =>
  async () => {
    const [snapshot] = await database.getSnapshot({ strong: true, returnReadTimestamp: true });
    const at = snapshot.readTimestamp?.getTime();
    if (at === undefined) throw new Error('the database did not say of which time it answers');
    return {
      at,
      count: async ({ tenantId, month, witnesses }) => {
        const [rows] = await snapshot.run({
          sql: COUNT,
          params: {
            tenantId,
            start: `${month}-01T00:00:00Z`,
            end: `${monthAfter(month)}-01T00:00:00Z`,
            uncounted: [...UNCOUNTED_TYPES],
            witnesses: [...witnesses],
          },
          types: {
            start: 'timestamp',
            end: 'timestamp',
            witnesses: { type: 'array', child: 'string' },
          },
          json: true,
          gaxOptions: { timeout: TIMEOUT_MILLIS },
          requestOptions: { priority: LOW_PRIORITY },
        });
        const [row] = rows as unknown as readonly [Row];
        return { events: row.Events, stored: new Set(row.Stored ?? []) };
      },
      close: () => snapshot.end(),
    };
  };

type Row = { readonly Events: number; readonly Stored: readonly string[] | null };

function monthAfter(month: string): string {
  const [year, number] = month.split('-').map(Number);
  return new Date(Date.UTC(year ?? 0, number ?? 0, 1)).toISOString().slice(0, 7);
}
