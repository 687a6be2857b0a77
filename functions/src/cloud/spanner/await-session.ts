import type { Database } from '@google-cloud/spanner';

/** The database gave no session: nothing was asked of it yet, and what it said is not about any row. */
export class NoSessionError extends Error {
  override readonly name = 'NoSessionError';
  /** gRPC status of the attempt, under a name of its own: `code` would be taken for the commit's. */
  readonly status: unknown;
  constructor(cause: unknown) {
    super('the database gave no session', { cause });
    this.status = (cause as { readonly code?: unknown } | null)?.code;
  }
}

/**
 * Resolves when the client holds a session. A commit that had to make one first would fail with that call's status, and a
 * refused role (FAILED_PRECONDITION) would look like a refused row.
 * @throws {NoSessionError}
 */
export const awaitSession = (database: Database): Promise<void> =>
  new Promise((resolve, reject) => {
    database.sessionFactory_.getSession((error, session) => {
      if (error || !session) return reject(new NoSessionError(error));
      database.sessionFactory_.release(session);
      resolve();
    });
  });
