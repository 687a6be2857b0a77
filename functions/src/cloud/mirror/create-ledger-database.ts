import { randomBytes } from 'node:crypto';
import type { Spanner } from '@google-cloud/spanner';
import { codeOf, GRPC } from '../spanner/grpc-status.ts';
import { migrate } from '../spanner/migrate.ts';
import { openDatabase } from '../spanner/open-database.ts';

const INSTANCE = 'vantio';

/** Makes a new database on the Spanner emulator, with the ledger's tables. @returns projects/P/instances/I/databases/D */
export async function createLedgerDatabase(projectId: string, ddl: string): Promise<string> {
  const { Spanner } = await import('@google-cloud/spanner');
  const instance = new Spanner({ projectId }).instance(INSTANCE);
  await createInstance(instance);
  const name = `l${randomBytes(6).toString('hex')}`;
  const [, operation] = await instance.createDatabase(name);
  await operation.promise();
  const path = `projects/${projectId}/instances/${INSTANCE}/databases/${name}`;
  const database = await openDatabase({ path, role: undefined, concurrency: 1 });
  await migrate(database, ddl);
  await database.close();
  return path;
}

async function createInstance(instance: ReturnType<Spanner['instance']>): Promise<void> {
  try {
    const [, operation] = await instance.create({
      config: 'emulator-config',
      nodes: 1,
      displayName: INSTANCE,
    });
    await operation.promise();
  } catch (error) {
    if (codeOf(error) !== GRPC.alreadyExists) throw error;
  }
}
