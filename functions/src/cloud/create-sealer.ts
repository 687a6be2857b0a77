import type { HttpFunction } from '@google-cloud/functions-framework';
import type { Database } from '@google-cloud/spanner';
import { atEnd } from './drain/at-end.ts';
import { setting } from './environment.ts';
import { log, logFault } from './log.ts';
import { logNameSetting, openLogBuckets } from './log-buckets.ts';
import { logIdentity, originOf } from './log-key/log-identity.ts';
import { logKeySettings, openLogKeys } from './log-key/open-log-keys.ts';
import { openTopic } from './pubsub/open-topic.ts';
import { allTenants, dirtyTenants } from './seal/find-tenants.ts';
import { AT_ONCE, createSealer } from './seal/handler.ts';
import { sealTenant } from './seal/seal-tenant.ts';
import { createRefreshed } from './secrets/refreshed.ts';
import { openDatabase } from './spanner/open-database.ts';

/** Requests that an instance works on at one time, as infra deploys it (`concurrency` in its catalog). */
const CONCURRENCY = 4;
/** The database role that the account may take while a key hands over or is revoked (infra/src/tiles/log-keys.ts). */
const RECORDER = 'key_recorder';
const RECORDS_AT_ONCE = 4;

/** `sealer`, from the environment. Only beside the emulator does it do without a database role: that knows none. */
export async function createCloudSealer(): Promise<HttpFunction> {
  const emulated = process.env.SPANNER_EMULATOR_HOST !== undefined;
  const logName = logNameSetting();
  const keySettings = logKeySettings();
  const keys = createRefreshed({ load: () => openLogKeys(keySettings) });
  await keys();
  const path = setting('VANTIO_SPANNER_DATABASE');
  const open = async (role: string, concurrency: number): Promise<Database> => {
    const opened = await openDatabase({
      ...{ path, concurrency, onFault: logFault },
      role: emulated ? undefined : role,
    });
    atEnd('the Spanner client', () => opened.close());
    return opened;
  };
  const database = await open(
    emulated ? '' : setting('VANTIO_DATABASE_ROLE'),
    CONCURRENCY * AT_ONCE,
  );
  let recording: Promise<Database> | undefined;
  const topic = await openTopic(setting('VANTIO_SEAL_TOPIC'));
  const parts = {
    ...openLogBuckets(),
    database,
    recorder: () => (recording ??= open(RECORDER, RECORDS_AT_ONCE)),
    identityOf: async (tenantId: string) => logIdentity(originOf(logName, tenantId), await keys()),
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
