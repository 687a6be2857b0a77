import type { HttpFunction } from '@google-cloud/functions-framework';
import { DEFAULT_REQUESTS_PER_MINUTE, SPEND_REQUESTS_PER_MINUTE } from '@vantio/schema/wire/limits';
import { openApiDocument } from '@vantio/schema/wire/openapi';
import { createConfig } from '../config/handler.ts';
import { refuse, sendJson, sendRefusal } from '../door/problem-response.ts';
import { createSpend } from '../spend/handler.ts';
import { createDoor } from './create-door.ts';
import { withDeadline } from './deadline.ts';
import { atEnd } from './drain/at-end.ts';
import { setting } from './environment.ts';
import { type LogFields, log, logFault } from './log.ts';
import { createCachedPolicies } from './policies/cached-policies.ts';
import { readPolicy } from './policies/policy-table.ts';
import { openDatabase } from './spanner/open-database.ts';
import { createSpendBuckets } from './spend/spend-buckets.ts';

/** Queries and transactions under way at one time: leases are asked for by each process, policies once in a while. */
const CONCURRENCY = 16;
/** An emitter waits two seconds for its first policy, and keeps its last one when it is told that none can be read. */
const POLICY_MILLIS = 5000;

/** `config` in the cloud, from the environment; it also answers the two addresses that need no key. */
export async function createCloudConfig(): Promise<HttpFunction> {
  const door = await createDoor();
  const database = lazyDatabase();
  const policyOf = createCachedPolicies({
    read: (tenantId) =>
      withDeadline(POLICY_MILLIS, async () => readPolicy(await database(), tenantId)),
    onFault: logFault,
  });
  const openApi = JSON.stringify(openApiDocument());
  const config = door.behind(
    createConfig({
      doorkeeper: door.doorkeeper,
      // Without a ledger of its own: what is refused here is in the log.
      rateLimiter: door.createRateLimiter(() => {}),
      requestsPerMinute: DEFAULT_REQUESTS_PER_MINUTE,
      policyOf,
      onFault: logFault,
    }),
  );
  const spendDoor = await createDoor({
    requestsPerMinute: SPEND_REQUESTS_PER_MINUTE,
    counted: 'spend:',
  });
  const spend = spendDoor.behind(
    createSpend({
      doorkeeper: spendDoor.doorkeeper,
      rateLimiter: spendDoor.createRateLimiter(() => {}),
      policyOf,
      store: createSpendBuckets(database),
      // Without a ledger of its own, as above.
      note: ({ event_type: _, action_taken: __, ...lease }) =>
        log('INFO', 'spend_lease', flat(lease)),
      onFault: logFault,
    }),
  );
  return (request, response) => {
    if (request.path === '/api/v1/openapi.json') return sendJson(response, 200, openApi);
    if (request.path === '/api/v1/spend/leases') return leases(request, response, spend);
    if (request.path !== '/api/v1/config')
      return sendRefusal(
        response,
        refuse('not_found', 'the paths are /api/v1/config and /api/v1/spend/leases'),
      );
    return config(request, response);
  };
}

const leases: (...args: [...Parameters<HttpFunction>, HttpFunction]) => unknown = (
  request,
  response,
  spend,
) =>
  request.method === 'POST'
    ? spend(request, response)
    : sendRefusal(response, refuse('method_not_allowed', 'use POST', {}, { allow: 'POST' }));

const flat = (fields: object): LogFields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => typeof value !== 'object'));

/** The client is loaded and opened by the first question: a start without one need not wait for it. */
function lazyDatabase(): () => ReturnType<typeof openDatabase> {
  const path = setting('VANTIO_SPANNER_DATABASE');
  const emulated = process.env.SPANNER_EMULATOR_HOST !== undefined;
  const role = emulated ? undefined : setting('VANTIO_DATABASE_ROLE');
  let opened: ReturnType<typeof openDatabase> | undefined;
  return () => {
    if (opened === undefined) {
      const database = openDatabase({ path, role, concurrency: CONCURRENCY, onFault: logFault });
      opened = database;
      atEnd('the Spanner client', async () => (await database).close());
    }
    return opened;
  };
}
