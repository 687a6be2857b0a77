import type { AuditRecord } from '../record.ts';
import type { Place } from './finding.ts';

/** A stretch of a session whose records follow one another. */
type Run = {
  readonly first: AuditRecord;
  readonly place: Place;
  next: number;
  lastHash: string;
  lastEventId: string;
};

export type RunFault = {
  readonly check: 'chain' | 'conflict';
  readonly field: string;
  readonly message: string;
};
export type Gap = { readonly from: number; readonly to: number; readonly before: Place };

/**
 * Follows one session's chain. Records may come late and fill a gap, so it keeps the runs seen so far, in order of seq:
 * one run, but for gaps. Memory grows with gaps, not with records.
 */
export function createSessionRuns() {
  const runs: Run[] = [];

  const add = (record: AuditRecord, hash: string, place: Place): RunFault | undefined => {
    let at = runs.length - 1;
    while (at >= 0 && (runs[at] as Run).first.seq > record.seq) at--;
    const run = runs[at];
    if (run && record.seq < run.next) return repeatFault(run, record.seq, hash);
    if (run && record.seq === run.next) {
      const fault = followFault(run, record);
      run.next++;
      run.lastHash = hash;
      run.lastEventId = record.event_id;
      return fault ?? joinNext(at);
    }
    runs.splice(at + 1, 0, {
      first: record,
      place,
      next: record.seq + 1,
      lastHash: hash,
      lastEventId: record.event_id,
    });
    return joinNext(at + 1);
  };

  /** Joins a run with the one after it, once nothing is missing between them. */
  const joinNext = (at: number): RunFault | undefined => {
    const [run, after] = [runs[at], runs[at + 1]];
    if (!run || !after || run.next !== after.first.seq) return undefined;
    const fault = followFault(run, after.first);
    run.next = after.next;
    run.lastHash = after.lastHash;
    run.lastEventId = after.lastEventId;
    runs.splice(at + 1, 1);
    return fault;
  };

  const gaps = (): Gap[] =>
    runs.flatMap(({ first, place }, at) => {
      const from = runs[at - 1]?.next ?? 0;
      return from === first.seq ? [] : [{ from, to: first.seq - 1, before: place }];
    });

  const last = (): { readonly seq: number; readonly hash: string } | undefined => {
    const run = runs.at(-1);
    return run && { seq: run.next - 1, hash: run.lastHash };
  };

  return { add, gaps, last };
}

function followFault(run: Run, { prev, event_id }: AuditRecord): RunFault | undefined {
  if (prev !== run.lastHash)
    return {
      check: 'chain',
      field: 'prev',
      message: 'is not the RecordHash of the record before it',
    };
  if (event_id <= run.lastEventId)
    return { check: 'chain', field: 'event_id', message: 'does not rise above the one before it' };
  return undefined;
}

function repeatFault(run: Run, seq: number, hash: string): RunFault {
  const same = seq === run.next - 1 && hash === run.lastHash;
  return {
    check: 'conflict',
    field: 'seq',
    message: same ? 'repeats the record before it' : `place ${seq} of the session is already taken`,
  };
}
