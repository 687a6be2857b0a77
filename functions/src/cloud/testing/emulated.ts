import { randomBytes } from 'node:crypto';
import type { Database } from '@google-cloud/spanner';
import { ledgerDdl } from '@vantio/schema/spanner/ledger-ddl';
import { migrate } from '../spanner/migrate.ts';
import { openDatabase } from '../spanner/open-database.ts';

const HOSTS = ['SPANNER_EMULATOR_HOST', 'PUBSUB_EMULATOR_HOST', 'REDIS_URL'] as const;

/** For `test(name, { skip })`: why tests against the emulators cannot run here, or false. */
export const skip: string | false = HOSTS.every((name) => process.env[name] !== undefined)
  ? false
  : 'no emulators: run eval "$(scripts/emulators up)" first, or scripts/test cloud';

const PROJECT = 'vantio-local';
const INSTANCE = 'test';

/** A database of its own on the emulator, with the ledger's DDL. */
export async function createLedger(): Promise<{
  readonly path: string;
  readonly database: Database;
}> {
  const { Spanner } = await import('@google-cloud/spanner');
  const spanner = new Spanner({ projectId: PROJECT });
  const instance = spanner.instance(INSTANCE);
  const [exists] = await instance.exists();
  if (!exists) await createInstance(instance);
  const name = `t${randomBytes(6).toString('hex')}`;
  const [, operation] = await instance.createDatabase(name);
  await operation.promise();
  const path = `projects/${PROJECT}/instances/${INSTANCE}/databases/${name}`;
  const database = await openDatabase({ path, role: undefined, concurrency: 4 });
  await migrate(database, ledgerDdl());
  return { path, database };
}

type Instance = ReturnType<
  InstanceType<typeof import('@google-cloud/spanner').Spanner>['instance']
>;

async function createInstance(instance: Instance): Promise<void> {
  try {
    const [, operation] = await instance.create({
      config: 'emulator-config',
      nodes: 1,
      displayName: 'test',
    });
    await operation.promise();
  } catch (error) {
    // Another test file was first.
    if ((error as { readonly code?: unknown }).code !== 6) throw error;
  }
}
