import type { CommittedField } from '@vantio/schema';

/** Which values are meant: those for which all that is given holds. */
export type Selection = {
  readonly tenantId?: string;
  readonly eventIds?: ReadonlySet<string>;
  /** Of a record of no trace, its session. */
  readonly traceId?: string;
  readonly field?: CommittedField;
  /** Milliseconds since 1970: events whose id was made before it. */
  readonly before?: number;
};

/** Names one value behind a commitment. */
export type ValueKey = {
  readonly tenantId: string;
  readonly eventId: string;
  readonly field: CommittedField;
};

/**
 * What sorts behind every event id that was made before that millisecond, and before all others: an id begins with its
 * time (record.md, Event ids). It is the one time that stands beside a disclosure wherever it is kept.
 */
export function eventIdBound(millis: number): string {
  const digits = Math.max(0, millis).toString(16).padStart(12, '0');
  return `${digits.slice(0, 8)}-${digits.slice(8)}`;
}
