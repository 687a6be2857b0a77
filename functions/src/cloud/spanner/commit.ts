import type { Database, MutationSet } from '@google-cloud/spanner';
import { withDeadline } from '../deadline.ts';
import { measure } from '../metrics/measure.ts';
import { awaitSession } from './await-session.ts';
import { codeOf, GRPC } from './grpc-status.ts';
import type { Commit } from './insert-rows.ts';

const DEADLINE_MILLIS = 20_000;
/** The call's own deadline does not count the wait for a session. */
const SESSION_MILLIS = 5000;

/**
 * Blind inserts in one call, without a transaction to begin first. The client may send it again when an answer is lost; an
 * insert that is already there says so (ALREADY_EXISTS), and the caller counts that as done.
 */
export async function createCommit(database: Database): Promise<Commit> {
  const { MutationSet } = await import('@google-cloud/spanner');
  const commit: Commit = async ({ TrueTimeLedger, Disclosures }) => {
    await withDeadline(SESSION_MILLIS, () => awaitSession(database));
    const mutations: MutationSet = new MutationSet();
    mutations.insert('TrueTimeLedger', [...TrueTimeLedger]);
    if (Disclosures.length > 0) mutations.insert('Disclosures', [...Disclosures]);
    const [response] = await withDeadline(DEADLINE_MILLIS + SESSION_MILLIS, () =>
      database.writeAtLeastOnce(mutations, { timeout: DEADLINE_MILLIS }),
    );
    const { seconds, nanos } = response.commitTimestamp ?? {};
    if (seconds === undefined || seconds === null)
      throw new Error('the database acknowledged a commit without its timestamp');
    const second = new Date(Number(seconds) * 1000).toISOString().slice(0, -'.000Z'.length);
    return `${second}.${String(nanos ?? 0).padStart(9, '0')}Z`;
  };
  return async (inserts) => {
    const began = performance.now();
    let code = 'ok';
    try {
      return await commit(inserts);
    } catch (error) {
      code = NAMES.get(codeOf(error)) ?? 'other';
      throw error;
    } finally {
      measure('vantio.commits', 1, { code });
      measure('vantio.commit.duration', (performance.now() - began) / 1000, {});
    }
  };
}

const snakeCase = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const NAMES: ReadonlyMap<unknown, string> = new Map(
  Object.entries(GRPC).map(([name, code]) => [code, snakeCase(name)]),
);
