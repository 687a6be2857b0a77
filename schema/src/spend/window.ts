export type SpendWindow = 'trace' | 'hour' | 'day' | 'month';

export type WindowNow = {
  /** 2026-11-26T01, 2026-11-26, 2026-11, or the trace. */
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly endsAt: number;
};

/** A trace is counted for so long after it was first seen. */
export const TRACE_MILLIS = 24 * 3_600_000;

/** The window of UTC that a moment is in. @param at milliseconds since 1970 */
export function windowAt(window: SpendWindow, at: number, traceId = ''): WindowNow {
  const now = new Date(at);
  const iso = now.toISOString();
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()];
  switch (window) {
    case 'trace':
      return { key: traceId, endsAt: at + TRACE_MILLIS };
    case 'hour':
      return { key: iso.slice(0, 13), endsAt: Date.UTC(year, month, day, now.getUTCHours() + 1) };
    case 'day':
      return { key: iso.slice(0, 10), endsAt: Date.UTC(year, month, day + 1) };
    case 'month':
      return { key: iso.slice(0, 7), endsAt: Date.UTC(year, month + 1) };
  }
}
