import type { Database } from '@google-cloud/spanner';
import { codeOf, GRPC, isTransient } from './grpc-status.ts';

/** The placeholder, and nothing else, ever: a literal of the past would be taken. */
export const COMMITTED_NOW = 'spanner.commit_timestamp()';

const DEADLINE_MILLIS = 20_000;
const ATTEMPTS = 8;

/**
 * Inserts rows of one table in one commit, all of them or none: compare-and-swap, for of two who insert the same key one
 * does. `exists` may also be the echo of this very call, sent again after a lost answer: who gets it looks.
 * Tries again what may be tried again.
 */
export const insertOnce = (
  database: Database,
  table: string,
  rows: readonly object[],
): Promise<'inserted' | 'exists'> => insertTogether(database, { [table]: rows });

/** The same with rows of several tables, by table. */
export async function insertTogether(
  database: Database,
  tables: Readonly<Record<string, readonly object[]>>,
): Promise<'inserted' | 'exists'> {
  const { MutationSet } = await import('@google-cloud/spanner');
  for (let attempt = 1; ; attempt++)
    try {
      const mutations = new MutationSet();
      for (const [table, rows] of Object.entries(tables)) mutations.insert(table, [...rows]);
      await database.writeAtLeastOnce(mutations, { timeout: DEADLINE_MILLIS });
      return 'inserted';
    } catch (error) {
      if (codeOf(error) === GRPC.alreadyExists) return 'exists';
      if (!isTransient(error) || attempt === ATTEMPTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 50 * 2 ** attempt));
    }
}
