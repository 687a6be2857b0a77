import type { Database } from '@google-cloud/spanner';
import { ledgerDdl } from '@vantio/schema/spanner/ledger-ddl';
import { createLedgerDatabase } from '../mirror/create-ledger-database.ts';
import { openDatabase } from '../spanner/open-database.ts';

const HOSTS = ['SPANNER_EMULATOR_HOST', 'PUBSUB_EMULATOR_HOST', 'REDIS_URL'] as const;

/** For `test(name, { skip })`: why tests against the emulators cannot run here, or false. */
export const skip: string | false = HOSTS.every((name) => process.env[name] !== undefined)
  ? false
  : 'no emulators: run eval "$(scripts/emulators up)" first, or scripts/test cloud';

const PROJECT = 'vantio-local';

/** A database of its own on the emulator, with the ledger's DDL. */
export async function createLedger(): Promise<{
  readonly path: string;
  readonly database: Database;
}> {
  const path = await createLedgerDatabase(PROJECT, ledgerDdl());
  return { path, database: await openDatabase({ path, role: undefined, concurrency: 4 }) };
}
