import { readChunks } from '../ndjson/replay.ts';
import type { LedgerPlace } from '../ndjson/store.ts';

/** What of the ledger is durable, and where its files are now: a file moves when it is rotated. */
export type LedgerView = {
  readonly end: () => LedgerPlace;
  readonly pathOf: (segment: number) => string;
};

export type LineGroup = {
  /** Lines without their newlines, as bytes. */
  readonly lines: readonly Uint8Array[];
  /** Behind the last of them. */
  readonly next: LedgerPlace;
};

/**
 * The durable lines from a place on, a group at a time, across rotated files. Ends when it has caught up; what becomes
 * durable meanwhile is read as well.
 */
export function* linesFrom(ledger: LedgerView, from: LedgerPlace): Iterable<LineGroup> {
  for (let { segment, offset } = from; ; segment++, offset = 0) {
    const end = ledger.end();
    const isLast = segment === end.segment;
    const until = isLast ? end.offset : undefined;
    for (const chunk of readChunks(ledger.pathOf(segment), offset, until)) {
      const { lines } = chunk;
      if (lines.length === 0) continue;
      offset = lines.reduce((at, { length }) => at + length + 1, chunk.offset);
      yield { lines, next: { segment, offset } };
    }
    if (isLast) return;
  }
}
