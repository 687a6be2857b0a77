import type { Family } from '../ndjson/family.ts';
import { type Lock, REFRESH_MILLIS, takeLock } from '../ndjson/lock.ts';
import { EraseError } from './erase-error.ts';
import { familyFiles } from './family-files.ts';

export type TakenLedger = {
  /** The ledger's own. */
  readonly lock: Lock;
  readonly release: () => void;
};

/**
 * Keeps every server off a ledger. One that starts meanwhile writes beside it, in files of its own.
 * @throws {EraseError} when one has it.
 */
export function takeLedger(family: Family): TakenLedger {
  const taken: Lock[] = [];
  const release = (): void => {
    clearInterval(refreshing);
    for (const lock of taken) lock.release();
  };
  const refreshing = setInterval(() => {
    for (const lock of taken) lock.refresh();
  }, REFRESH_MILLIS);
  refreshing.unref();
  const take = (path: string): Lock => {
    const lock = takeLock(path);
    if (lock === undefined) {
      release();
      throw new EraseError(
        'ledger_in_use',
        `a running server writes ${family.active}: stop vantio serve, run this, and start it again`,
      );
    }
    taken.push(lock);
    return lock;
  };
  const lock = take(family.lock);
  for (const path of familyFiles(family).locks) take(path);
  return { lock, release };
}
