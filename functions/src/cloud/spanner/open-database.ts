import type { Database } from '@google-cloud/spanner';
import { SettingError } from '../environment.ts';

export type DatabaseOptions = {
  /** projects/P/instances/I/databases/D */
  readonly path: string;
  /** Database role; its grants are all that this client may do. Undefined only against the emulator, which knows none. */
  readonly role: string | undefined;
  /** Requests under way at one time: the session pool is of this size. */
  readonly concurrency: number;
  /** Told what goes wrong beside requests, with sessions that the client keeps; a request that needs one fails by itself. */
  readonly onFault?: (message: string, error: unknown) => void;
};

const PATH = /^projects\/([^/]+)\/instances\/([^/]+)\/databases\/([^/]+)$/;

/**
 * A client of its own for each role: `instance.database()` keeps databases by name and would hand one role's to another.
 * The client library is loaded here, at the first use: it takes most of a cold start.
 */
export async function openDatabase({
  path,
  role,
  concurrency,
  onFault = () => {},
}: DatabaseOptions): Promise<Database> {
  const [, projectId, instance, name] = PATH.exec(path) ?? [];
  if (projectId === undefined || instance === undefined || name === undefined)
    throw new SettingError(`the database is not of the form ${PATH.source}`);
  const { Spanner } = await import('@google-cloud/spanner');
  // Full from the start: a pool that grows while a commit waits would answer with the status of its own call.
  const pool = {
    min: concurrency,
    max: concurrency,
    ...(role === undefined ? {} : { databaseRole: role }),
  };
  const database = new Spanner({ projectId })
    .instance(instance)
    .database(name, pool, undefined, role);
  // Nobody listening, the client's own error would be thrown into whatever request first opened it, or end the process.
  database.on('error', (error: unknown) =>
    onFault('a session of the database could not be kept', error),
  );
  return database;
}
