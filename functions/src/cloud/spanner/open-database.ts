import type { Database } from '@google-cloud/spanner';
import { SettingError } from '../environment.ts';

export type DatabaseOptions = {
  /** projects/P/instances/I/databases/D */
  readonly path: string;
  /** Database role; its grants are all that this client may do. Undefined only against the emulator, which knows none. */
  readonly role: string | undefined;
  /** Requests under way at one time: the session pool is of this size. */
  readonly concurrency: number;
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
}: DatabaseOptions): Promise<Database> {
  const [, projectId, instance, name] = PATH.exec(path) ?? [];
  if (projectId === undefined || instance === undefined || name === undefined)
    throw new SettingError(`the database is not of the form ${PATH.source}`);
  const { Spanner } = await import('@google-cloud/spanner');
  const pool = { min: 1, max: concurrency, ...(role === undefined ? {} : { databaseRole: role }) };
  return new Spanner({ projectId }).instance(instance).database(name, pool, undefined, role);
}
