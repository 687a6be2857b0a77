import type { AuditRecord } from '@vantio/schema';
import { microsFromInstant } from '@vantio/schema/instant';

/** They tell of an end: it is their time, and their duration lies before it. */
const ENDS: ReadonlySet<string> = new Set(['shield_end', 'process_exit']);

/** Microseconds since 1970. */
export const startOf = ({ event_type, occurred_at, duration_us = 0 }: AuditRecord): number =>
  microsFromInstant(occurred_at) - (ENDS.has(event_type) ? duration_us : 0);

/** Microseconds since 1970. */
export const endOf = ({ event_type, occurred_at, duration_us = 0 }: AuditRecord): number =>
  microsFromInstant(occurred_at) + (ENDS.has(event_type) ? 0 : duration_us);

/** First start and last end; of no records, nothing. */
export function extentOf(
  records: readonly AuditRecord[],
): { readonly start: number; readonly end: number } | undefined {
  const [first] = records;
  if (first === undefined) return undefined;
  let [start, end] = [startOf(first), endOf(first)];
  for (const record of records) {
    start = Math.min(start, startOf(record));
    end = Math.max(end, endOf(record));
  }
  return { start, end };
}
