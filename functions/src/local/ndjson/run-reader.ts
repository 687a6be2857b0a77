import { closeSync, openSync, readSync } from 'node:fs';
import { readStoredLine, type StoredLine } from './line.ts';
import type { IndexedRun } from './run-index.ts';

const MAX_OPEN_FILES = 16;
const MAX_RUNS = 8;

/**
 * Reads single records back from the ledger. Keeps the last few runs at hand: a retried batch asks for its records one
 * after another. Reads are synchronous, of one run at a time (`MAX_RUN_BYTES`), mostly from the page cache.
 */
export function createRunReader(pathOf: (segment: number) => string) {
  const files = new Map<number, number>();
  const runs = new Map<number, readonly string[]>();

  const fileOf = (segment: number): number => {
    const known = files.get(segment);
    if (known !== undefined) return known;
    const fd = openSync(pathOf(segment), 'r');
    files.set(segment, fd);
    if (files.size > MAX_OPEN_FILES) {
      const [oldest, oldFd] = files.entries().next().value ?? [segment, fd];
      files.delete(oldest);
      closeSync(oldFd);
    }
    return fd;
  };

  const linesOf = (run: IndexedRun): readonly string[] => {
    const known = runs.get(run.number);
    if (known) return known;
    const bytes = Buffer.alloc(run.bytes);
    const got = readSync(fileOf(run.segment), bytes, 0, run.bytes, run.offset);
    const lines = bytes.toString('latin1', 0, got).split('\n');
    runs.set(run.number, lines);
    if (runs.size > MAX_RUNS) runs.delete(runs.keys().next().value ?? 0);
    return lines;
  };

  /** The record at `seq` of a run; undefined when the ledger does not hold there what the index says. */
  const record = (run: IndexedRun, seq: number): StoredLine | undefined => {
    const line = readStoredLine(linesOf(run)[seq - run.firstSeq] ?? '');
    return line?.record.seq === seq ? line : undefined;
  };

  /** Where in its segment the line at `seq` of a run starts. */
  const offset = (run: IndexedRun, seq: number): number =>
    linesOf(run)
      .slice(0, seq - run.firstSeq)
      .reduce((sum, line) => sum + line.length + 1, run.offset);

  const close = (): void => {
    for (const fd of files.values()) closeSync(fd);
    files.clear();
  };

  return { record, offset, close };
}

export type RunReader = ReturnType<typeof createRunReader>;
