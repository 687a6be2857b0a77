import type { LedgerRows } from '@vantio/schema/spanner/ledger-row';
import { commitsOf } from './commits-of.ts';
import { codeOf, GRPC, isTransient } from './grpc-status.ts';
import { type Commit, insertsOf } from './insert-rows.ts';

export type Stored = {
  readonly inserted: number;
  readonly duplicates: number;
  /** Records that the database will never take, and why. */
  readonly refused: number;
  readonly reason?: string;
};

/** The database refused the rows themselves: sent again, they would be refused again. */
const REFUSED: ReadonlyMap<unknown, string> = new Map([
  [GRPC.invalidArgument, 'invalid_row'],
  [GRPC.failedPrecondition, 'row_refused'],
  [GRPC.outOfRange, 'check_failed'],
]);

export type StoreOnceOptions = {
  readonly commit: Commit;
  /** How often a commit is tried when the database says that it may be tried again. */
  readonly attempts?: number;
  readonly sleep?: (millis: number) => Promise<void>;
};

type Outcome = 'inserted' | 'exists' | { readonly refused: string };

const PARTS = 8;

/**
 * Puts every record in the ledger that is not there yet. A blind writer cannot look: it learns from ALREADY_EXISTS, which
 * fails a whole commit, and goes on with eighths of it until the duplicates stand alone; likewise with records that the
 * database refuses, so that one does not fail its neighbours. Afterwards each of the others is in the ledger once, whether
 * this call, one before it, or one beside it put it there.
 * @throws what the database said, when it does not go away; then some records may be stored, and doing all again is safe.
 */
export function createStoreOnce({ commit, attempts = 5, sleep = wait }: StoreOnceOptions) {
  const tried = async (records: readonly LedgerRows[]): Promise<Outcome> => {
    for (let attempt = 1; ; attempt++)
      try {
        await commit(insertsOf(records));
        return 'inserted';
      } catch (error) {
        const code = codeOf(error);
        if (code === GRPC.alreadyExists) return 'exists';
        const reason = REFUSED.get(code);
        if (reason !== undefined) return { refused: reason };
        if (!isTransient(error) || attempt === attempts) throw error;
        await sleep(Math.random() * Math.min(100 * 2 ** attempt, 3000));
      }
  };

  const storePart = async (records: readonly LedgerRows[]): Promise<Stored> => {
    const outcome = await tried(records);
    if (outcome === 'inserted') return { ...NOTHING, inserted: records.length };
    if (records.length === 1)
      return outcome === 'exists'
        ? { ...NOTHING, duplicates: 1 }
        : { ...NOTHING, refused: 1, reason: outcome.refused };
    const size = Math.ceil(records.length / PARTS);
    return storeParts(
      Array.from({ length: Math.ceil(records.length / size) }, (_, part) =>
        records.slice(part * size, (part + 1) * size),
      ),
    );
  };

  const storeParts = async (parts: readonly (readonly LedgerRows[])[]): Promise<Stored> => {
    let stored = NOTHING;
    for (const part of parts) stored = sum(stored, await storePart(part));
    return stored;
  };

  return (records: readonly LedgerRows[]): Promise<Stored> => storeParts(commitsOf(records));
}

const NOTHING: Stored = { inserted: 0, duplicates: 0, refused: 0 };

const sum = (a: Stored, b: Stored): Stored => {
  const reason = a.reason ?? b.reason;
  return {
    inserted: a.inserted + b.inserted,
    duplicates: a.duplicates + b.duplicates,
    refused: a.refused + b.refused,
    ...(reason === undefined ? {} : { reason }),
  };
};

const wait = (millis: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, millis));
