import { isCounted } from '../../ingest/quota.ts';

/**
 * Counted events of each tenant in one calendar month (UTC), by `received_at`: what the quota goes by. Always the count
 * of what the ledger holds, so that a restart, a retry or a crash changes nothing.
 */
export function createMonthCount(initial: MonthCountState = { month: '', counts: [] }) {
  let month = initial.month;
  let counts = new Map<string, number>(initial.counts);

  const add = (tenantId: string, receivedAt: string, events: number): void => {
    const of = receivedAt.slice(0, MONTH_LENGTH);
    // Text order is time order. A clock that steps back over the seam counts into the later month.
    if (of > month) {
      month = of;
      counts = new Map();
    } else if (of < month) return;
    counts.set(tenantId, (counts.get(tenantId) ?? 0) + events);
  };

  return {
    add,
    addRecord: (tenantId: string, receivedAt: string, eventType: string): void => {
      if (isCounted(eventType)) add(tenantId, receivedAt, 1);
    },
    of: (tenantId: string, now: string): number =>
      now.slice(0, MONTH_LENGTH) > month ? 0 : (counts.get(tenantId) ?? 0),
    state: (): MonthCountState => ({ month, counts: [...counts] }),
  };
}

export type MonthCount = ReturnType<typeof createMonthCount>;
export type MonthCountState = {
  /** `2026-11`. */
  readonly month: string;
  readonly counts: readonly (readonly [tenantId: string, events: number])[];
};

const MONTH_LENGTH = 'YYYY-MM'.length;
