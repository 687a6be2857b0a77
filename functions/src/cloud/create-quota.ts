import type { HttpFunction } from '@google-cloud/functions-framework';
import { setting } from './environment.ts';
import { log, logFault } from './log.ts';
import { createQuota } from './quota/handler.ts';
import { createOpenSnapshot } from './quota/ledger-snapshot.ts';
import { connectRedis } from './redis/connect.ts';
import { openDatabase } from './spanner/open-database.ts';

/** Nobody waits for this one. */
const COMMAND_MILLIS = 5000;

/** `quota`, from the environment. Only beside the emulator does it do without a database role: that knows none. */
export async function createCloudQuota(): Promise<HttpFunction> {
  const emulated = process.env.SPANNER_EMULATOR_HOST !== undefined;
  const database = await openDatabase({
    path: setting('VANTIO_SPANNER_DATABASE'),
    role: emulated ? undefined : setting('VANTIO_DATABASE_ROLE'),
    concurrency: 1,
  });
  const redis = await connectRedis(
    setting('REDIS_URL'),
    (error) => logFault('Redis is away', error),
    COMMAND_MILLIS,
  );
  return createQuota({
    send: redis.send,
    openSnapshot: createOpenSnapshot(database),
    onCorrected: (tenantId, { before, after }) =>
      log('INFO', 'quota_corrected', { tenant_id: tenantId, before, after }),
    onFault: logFault,
  });
}
