import { existsSync } from 'node:fs';
import { ZERO_HASH } from '@vantio/schema';
import { type Family, pathOf, sizeOf } from './family.ts';
import { readStoredLine } from './line.ts';
import { createMonthCount, type MonthCount } from './month-count.ts';
import { lineBefore, replay } from './replay.ts';
import { openRunIndex, type RunIndex } from './run-index.ts';
import { createRunReader, type RunReader } from './run-reader.ts';
import { createSessionBook, type SessionBook } from './session-book.ts';
import { readSnapshot } from './snapshot.ts';

/** What the ledger on disk says, as far as the writer needs it. */
export type LoadedBook = {
  readonly book: SessionBook;
  readonly index: RunIndex;
  readonly reader: RunReader;
  readonly count: MonthCount;
  /** Lines of the active segment. */
  readonly lines: number;
  /** `received_mac` of this writer's last line. */
  readonly receivedMac: string;
};

/**
 * Knows the ledger again: from the snapshot and what came after it, or, when the snapshot does not hold, from the first
 * line on.
 * @param segmentPath where a segment is now: it moves when it is rotated.
 */
export function loadBook(
  family: Family,
  activeSegment: number,
  segmentPath: (segment: number) => string,
  log: (message: string) => void,
): LoadedBook {
  const found = readSnapshot(family.snapshot);
  const hint = found && holds(family, activeSegment, found.snapshot) ? found : undefined;
  let index = openRunIndex(family.index, hint?.snapshot.indexEntries ?? 0);
  const usable = hint !== undefined && index.digest() === hint.snapshot.indexDigest;
  if (hint !== undefined && !usable) {
    index.close();
    index = openRunIndex(family.index, 0);
  }
  const start = usable ? hint.snapshot : undefined;
  if (found && !start)
    log('the snapshot does not fit the ledger; reading the ledger from its first line');

  const reader = createRunReader(segmentPath);
  const book = createSessionBook(index, reader);
  if (usable) for (const [key, head] of hint.heads) book.heads.set(key, head);
  const count = createMonthCount(start?.count);
  let receivedMac = start?.receivedMac ?? ZERO_HASH;
  let lines = start?.lines ?? 0;
  let damaged = 0;
  for (let segment = start?.segment ?? 1; segment <= activeSegment; segment++) {
    const path = pathOf(family, segment, activeSegment);
    if (segment !== start?.segment) lines = 0;
    if (!existsSync(path)) continue;
    for (const chunk of replay(path, segment === start?.segment ? start.offset : 0)) {
      const group = book.draft();
      const draft = group.batch();
      for (const { text, offset, bytes } of chunk) {
        lines++;
        const line = readStoredLine(text);
        if (line === undefined) {
          damaged++;
          continue;
        }
        receivedMac = line.receivedMac;
        count.addRecord(line.record.tenant_id, line.receivedAt, line.record.event_type);
        const status = draft.judge(line);
        if (status !== 'duplicate') draft.keep(line, { segment, offset, bytes }, status);
      }
      group.take(draft);
      book.enter(group);
      index.flush();
    }
  }
  if (damaged > 0)
    log(`${damaged} line(s) of the ledger cannot be read; run vantio verify on ${family.active}`);
  return { book, index, reader, count, lines, receivedMac };
}

/** The MAC of a line covers all lines before it, so one line stands for all that the snapshot knows. */
function holds(
  family: Family,
  activeSegment: number,
  { segment, offset, receivedMac }: { segment: number; offset: number; receivedMac: string },
): boolean {
  if (segment > activeSegment) return false;
  const [at, end] =
    offset > 0
      ? [pathOf(family, segment, activeSegment), offset]
      : [family.rotated(segment - 1), sizeOf(family.rotated(segment - 1))];
  if (offset === 0 && segment === 1) return receivedMac === ZERO_HASH;
  const line = lineBefore(at, end);
  return line !== undefined && readStoredLine(line)?.receivedMac === receivedMac;
}
