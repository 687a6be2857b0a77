import type { LoadedBook } from './load-book.ts';
import type { IndexedRun } from './run-index.ts';
import type { LedgerPlace } from './store.ts';

/**
 * Where a tenant's record of this event id starts in the ledger, from the index: the earliest, if several have it.
 * @param eventId attacker-controlled, of an event id's form.
 */
export function findEvent(
  { book, index, reader }: Pick<LoadedBook, 'book' | 'index' | 'reader'>,
  tenantId: string,
  eventId: string,
): LedgerPlace | undefined {
  /** Event ids end in the first digits of their session's id. */
  const session = `${tenantId}/${eventId.slice(-12)}`;
  const found: LedgerPlace[] = [];

  const look = (run: IndexedRun | undefined): void => {
    for (let at = 0; run !== undefined && at < run.count; at++) {
      const seq = run.firstSeq + at;
      const record = reader.record(run, seq)?.record;
      if (record?.event_id !== eventId || record.tenant_id !== tenantId) continue;
      found.push({ segment: run.segment, offset: reader.offset(run, seq) });
    }
  };
  const startsAfter = (run: IndexedRun): boolean =>
    (reader.record(run, run.firstSeq)?.record.event_id ?? '') > eventId;

  for (const [key, head] of book.heads) {
    if (!key.startsWith(session)) continue;
    if (head.lastRun !== 0) look(index.seek(head.lastRun, startsAfter));
    for (let number = head.sideRun; number !== 0; ) {
      const run = index.read(number);
      look(run);
      number = run.previous;
    }
  }
  return found.toSorted((a, b) => a.segment - b.segment || a.offset - b.offset)[0];
}
