import type { Place } from '../finding.ts';
import type { Report } from './log-files.ts';

/** How far a server's clock may be ahead of a witness's before it is called wrong. */
const SLACK_SECONDS = 300;

/** A line cannot have come in after a witness had it. Holds the latest time of receipt, for it is the first to tell. */
export function createClock(report: Report) {
  let latest: { readonly receivedAt: string; readonly place: Place } | undefined;

  return {
    see: (receivedAt: string, place: Place): void => {
      // Instants of the record are of one length: they sort as text.
      if (latest === undefined || receivedAt > latest.receivedAt) latest = { receivedAt, place };
    },
    /** @param times when witnesses had all lines seen so far, in seconds since the epoch. */
    hold: (times: readonly number[]): void => {
      const limit = instantOf(Math.min(...times) + SLACK_SECONDS);
      if (latest === undefined || limit === undefined || latest.receivedAt <= limit) return;
      report({
        check: 'clock',
        severity: 'wrong',
        ...latest.place,
        field: 'received_at',
        message: `is more than ${SLACK_SECONDS / 60} minutes after the time at which a witness cosigned a checkpoint that covers the line`,
      });
      // Told once.
      latest = undefined;
    },
  };
}

/** Of whole seconds, for which microseconds would be too many after the year 2255; undefined after 9999, when there are no instants. */
function instantOf(seconds: number): string | undefined {
  const date = new Date(seconds * 1000);
  const isInstant = !Number.isNaN(date.getTime()) && date.getUTCFullYear() <= 9999;
  return isInstant ? `${date.toISOString().slice(0, -'.000Z'.length)}.000000Z` : undefined;
}
