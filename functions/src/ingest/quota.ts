import type { Plan } from '@vantio/schema';
import { UNCOUNTED_TYPES } from '@vantio/schema';
import { FREE_EVENTS_PER_MONTH } from '@vantio/schema/wire/limits';

/** Events a month under a plan; undefined: unlimited. */
export const monthlyLimitOf = (plan: Plan): number | undefined =>
  plan === 'free' ? FREE_EVENTS_PER_MONTH : undefined;

/** Whether a record counts against the quota: what pins a session's chain does not. */
export const isCounted = (eventType: string): boolean => !UNCOUNTED_TYPES.has(eventType);

/** First instant of the calendar month (UTC) after the one that `now` (milliseconds since 1970) is in. */
export function nextMonth(now: number): Date {
  const at = new Date(now);
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1));
}
