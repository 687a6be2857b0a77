import { instantFromMicros } from '../../instant.ts';
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
      const limit = (Math.min(...times) + SLACK_SECONDS) * 1e6;
      // Beyond these microseconds there are no instants of the record, so that nothing is later.
      if (latest === undefined || !Number.isSafeInteger(limit)) return;
      if (latest.receivedAt <= instantFromMicros(limit)) return;
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
