import type { Meter } from '@vantio/schema/spend/meter';
import { dateNow } from '../../context/main-realm.ts';
import { spendEngine } from '../engines.ts';
import type { Budget, Purse, Taking } from './purse.ts';

const MAX_METERS = 10_000;

type Entry = { readonly meter: Meter; readonly endsAt: number };

/** Caps within this process alone: what others spend is not known here. */
export function createProcessPurse(): Purse {
  const { createMeter, windowAt } = spendEngine();
  const entries = new Map<string, Entry>();

  function meterOf({ cap, subject, traceId }: Budget): Meter {
    const { key, endsAt } = windowAt(cap.window, dateNow(), traceId);
    const name = [cap.ruleId, cap.window, key, cap.scope, subject].join('\0');
    const known = entries.get(name);
    if (known) return known.meter;
    if (entries.size >= MAX_METERS) forget();
    const meter = createMeter(cap.limitMicroUsd);
    entries.set(name, { meter, endsAt });
    return meter;
  }

  /** Windows that ended; and, of many traces at once, those that began first and have no call under way. */
  function forget(): void {
    for (const [name, { endsAt }] of entries) if (endsAt <= dateNow()) entries.delete(name);
    for (const [name, { meter }] of entries) {
      if (entries.size < MAX_METERS) break;
      if (meter.reserved() === 0) entries.delete(name);
    }
  }

  return {
    take(budget, amount, forced): Taking {
      const meter = meterOf(budget);
      const used = meter.used();
      const isOver = amount > meter.left();
      const reservation = meter.reserve(amount, forced);
      if (!reservation) return { kind: 'used_up', used };
      return { kind: 'taken', used, isOver, settle: reservation.settle };
    },
    charge: (budget, cost) => void meterOf(budget).reserve(0, true)?.settle(cost),
    stop: async () => undefined,
  };
}
