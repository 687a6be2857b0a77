import { CliError } from '../cli-error.ts';

type Cloud = typeof import('@vantio/functions/cloud');
type Database = Awaited<ReturnType<Cloud['openDatabase']>>;

/**
 * Loads the cloud's clients when a command needs them: they take half a second.
 * @throws {CliError}
 */
export async function loadCloud(): Promise<Cloud> {
  try {
    return await import('@vantio/functions/cloud');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new CliError(
      '@vantio/functions is not installed or not built; in a checkout: npm ci, then npm run build.',
    );
  }
}

/** @throws {CliError} */
export async function openCloudDatabase(
  { openDatabase }: Cloud,
  path: string,
  databaseRole: string,
): Promise<Database> {
  if (!/^projects\/[^/]+\/instances\/[^/]+\/databases\/[^/]+$/.test(path))
    throw new CliError('--database wants projects/P/instances/I/databases/D.');
  // The emulator knows no roles.
  const emulated = process.env.SPANNER_EMULATOR_HOST !== undefined;
  return openDatabase({ path, role: emulated ? undefined : databaseRole, concurrency: 1 });
}

/** gRPC status codes, in the words of whoever typed the command. */
const CODES: Readonly<Record<number, string>> = {
  3: 'it lacks a table or column that this needs: apply the migrations of schema/spanner_ledger.ddl',
  5: 'there is no such database, or it lacks a table that this needs: check --database, and apply the migrations of schema/spanner_ledger.ddl',
  7: 'this account may not do that: it needs the database role that --database-role names',
  14: 'it cannot be reached',
  16: 'it does not know this account: gcloud auth application-default login',
};

/**
 * The database's own words may hold what was asked for; its code says enough.
 * @param done `read` or `written`.
 */
export function databaseFault(error: unknown, done: string): unknown {
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: string };
  if (typeof code === 'number')
    return new CliError(
      `the database cannot be ${done} (gRPC code ${code})${CODES[code] === undefined ? '' : `: ${CODES[code]}`}.`,
    );
  if (message?.startsWith('Could not load the default credentials'))
    return new CliError(
      'there are no Google credentials here: gcloud auth application-default login.',
    );
  return error;
}
