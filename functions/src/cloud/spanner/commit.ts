import type { Database, MutationSet } from '@google-cloud/spanner';
import { awaitSession } from './await-session.ts';
import type { Commit } from './insert-rows.ts';

const DEADLINE_MILLIS = 20_000;

/**
 * Blind inserts in one call, without a transaction to begin first. The client may send it again when an answer is lost; an
 * insert that is already there says so (ALREADY_EXISTS), and the caller counts that as done.
 */
export async function createCommit(database: Database): Promise<Commit> {
  const { MutationSet } = await import('@google-cloud/spanner');
  return async ({ TrueTimeLedger, Disclosures }) => {
    await awaitSession(database);
    const mutations: MutationSet = new MutationSet();
    mutations.insert('TrueTimeLedger', [...TrueTimeLedger]);
    if (Disclosures.length > 0) mutations.insert('Disclosures', [...Disclosures]);
    const [response] = await database.writeAtLeastOnce(mutations, { timeout: DEADLINE_MILLIS });
    const { seconds, nanos } = response.commitTimestamp ?? {};
    if (seconds === undefined || seconds === null)
      throw new Error('the database acknowledged a commit without its timestamp');
    const second = new Date(Number(seconds) * 1000).toISOString().slice(0, -'.000Z'.length);
    return `${second}.${String(nanos ?? 0).padStart(9, '0')}Z`;
  };
}
