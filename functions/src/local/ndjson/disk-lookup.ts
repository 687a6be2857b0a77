import type { AuditRecord } from '@vantio/schema';
import type { IndexedRun, RunIndex } from './run-index.ts';
import type { RunReader } from './run-reader.ts';

/** What judging needs of a record that the ledger holds. */
export type Stored = { readonly hash: string; readonly prev: string; readonly eventId: string };

type Chains = { readonly lastRun: number; readonly sideRun: number };

const NOTHING: readonly Stored[] = [];

/**
 * Finds the records that the ledger holds at one place of a session: through the index for the chain, and one by one for
 * the runs beside it. Remembers its answers: the ledger does not change while a group is judged, and a hostile batch may
 * ask for one place five thousand times.
 */
export function createDiskLookup(
  index: RunIndex,
  reader: RunReader,
  keyOf: (record: AuditRecord) => string,
) {
  const answers = new Map<string, readonly Stored[]>();
  const sideRuns = new Map<string, readonly IndexedRun[]>();

  const sideRunsOf = (key: string, last: number): readonly IndexedRun[] => {
    const known = sideRuns.get(key);
    if (known) return known;
    const runs: IndexedRun[] = [];
    for (let number = last; number !== 0; ) {
      const run = index.read(number);
      runs.push(run);
      number = run.previous;
    }
    sideRuns.set(key, runs);
    return runs;
  };

  const look = (key: string, { lastRun, sideRun }: Chains, seq: number): readonly Stored[] => {
    const holding = sideRunsOf(key, sideRun).filter(
      (run) => seq >= run.firstSeq && seq < run.firstSeq + run.count,
    );
    const inChain = index.find(lastRun, seq);
    const stored: Stored[] = [];
    for (const run of inChain ? [inChain, ...holding] : holding) {
      const line = reader.record(run, seq);
      if (line && keyOf(line.record) === key)
        stored.push({ hash: line.hash, prev: line.record.prev, eventId: line.record.event_id });
    }
    return stored;
  };

  return (key: string, chains: Chains, seq: number): readonly Stored[] => {
    if (chains.lastRun === 0 && chains.sideRun === 0) return NOTHING;
    const question = `${key}/${seq}`;
    const known = answers.get(question);
    if (known) return known;
    const answer = look(key, chains, seq);
    answers.set(question, answer);
    return answer;
  };
}
