import type { HttpFunction } from '@google-cloud/functions-framework';
import type { Database } from '@google-cloud/spanner';
import { atEnd } from './drain/at-end.ts';
import { setting } from './environment.ts';
import { log, logFault } from './log.ts';
import { logNameSetting, logPublicKeySetting, openLogBuckets } from './log-buckets.ts';
import { logIdentity, openLogKey, originOf } from './log-key/open-log-key.ts';
import { openTopic } from './pubsub/open-topic.ts';
import { allTenants, dirtyTenants } from './seal/find-tenants.ts';
import { AT_ONCE, createSealer } from './seal/handler.ts';
import { sealTenant } from './seal/seal-tenant.ts';
import { createRefreshed } from './secrets/refreshed.ts';
import { openDatabase } from './spanner/open-database.ts';

/** Requests that an instance works on at one time, as infra deploys it (`concurrency` in its catalog). */
const CONCURRENCY = 4;

/** `sealer`, from the environment. Only beside the emulator does it do without a database role: that knows none. */
export async function createCloudSealer(): Promise<HttpFunction> {
  const emulated = process.env.SPANNER_EMULATOR_HOST !== undefined;
  const logName = logNameSetting();
  const [keyName, publicKey] = [setting('VANTIO_LOG_KEY'), logPublicKeySetting()];
  const key = createRefreshed({ load: () => openLogKey(keyName, publicKey) });
  await key();
  const database = await openDatabase({
    path: setting('VANTIO_SPANNER_DATABASE'),
    role: emulated ? undefined : setting('VANTIO_DATABASE_ROLE'),
    concurrency: CONCURRENCY * AT_ONCE,
    onFault: logFault,
  });
  atEnd('the Spanner client', () => database.close());
  const topic = await openTopic(setting('VANTIO_SEAL_TOPIC'));
  const parts = {
    ...openLogBuckets(),
    database,
    identityOf: async (tenantId: string) => logIdentity(originOf(logName, tenantId), await key()),
  };
  return createSealer({
    tenants: (sweep) => (sweep === 'all' ? allTenants(database) : dirty(database)),
    sealTenant: (tenantId, sweep) => sealTenant(parts, tenantId, sweep),
    fanOut: async (list) => {
      await topic.publishMessage({ data: Buffer.from(list) });
    },
    onSealed: (done) => log('INFO', 'sealed', done),
    onFault: (tenantId, error) => {
      if (tenantId !== undefined) log('ERROR', 'seal_failed', { tenant_id: tenantId });
      logFault('a log could not be sealed', error);
    },
  });
}

async function* dirty(database: Database): AsyncGenerator<string> {
  yield* await dirtyTenants(database);
}
