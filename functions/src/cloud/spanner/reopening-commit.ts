import type { Database } from '@google-cloud/spanner';
import { createCommit } from './commit.ts';
import { codeOf, GRPC } from './grpc-status.ts';
import type { Commit } from './insert-rows.ts';

/**
 * Commits over a client that is opened anew when the database no longer knows its session: a database restored under its
 * old name has none, and the client would go on with the one it holds. The commit that finds this out fails; the next one
 * has a session again.
 */
export function createReopeningCommit(open: () => Promise<Database>): {
  readonly commit: Commit;
  readonly close: () => Promise<void>;
} {
  let opened: ReturnType<typeof openOne> | undefined;
  const openOne = async () => {
    const database = await open();
    return { database, commit: await createCommit(database) };
  };

  const commit: Commit = async (inserts) => {
    opened ??= openOne();
    const current = opened;
    try {
      const { commit } = await current;
      return await commit(inserts);
    } catch (error) {
      if (codeOf(error) === GRPC.notFound && opened === current) {
        opened = undefined;
        // Its sessions are gone; what it says of that is no news.
        current.then(({ database }) => database.close()).catch(() => {});
      }
      throw error;
    }
  };
  return {
    commit,
    close: async () => {
      const last = await opened;
      await last?.database.close();
    },
  };
}
