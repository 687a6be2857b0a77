import type { HttpFunction } from '@google-cloud/functions-framework';
import { DEFAULT_REQUESTS_PER_MINUTE } from '@vantio/schema/wire/limits';
import { openApiDocument } from '@vantio/schema/wire/openapi';
import { createConfig } from '../config/handler.ts';
import type { PolicyOf } from '../config/policy-of.ts';
import { refuse, sendJson, sendRefusal } from '../door/problem-response.ts';
import { createDoor } from './create-door.ts';
import { atEnd } from './drain/at-end.ts';
import { setting } from './environment.ts';
import { logFault } from './log.ts';
import { createCachedPolicies } from './policies/cached-policies.ts';
import { readPolicy } from './policies/policy-table.ts';
import { openDatabase } from './spanner/open-database.ts';

/** Queries under way at one time: a policy is asked for once in a while, however many ask for it. */
const CONCURRENCY = 4;

/** `config` in the cloud, from the environment; it also answers the two addresses that need no key. */
export async function createCloudConfig(): Promise<HttpFunction> {
  const door = await createDoor();
  const openApi = JSON.stringify(openApiDocument());
  const config = door.behind(
    createConfig({
      doorkeeper: door.doorkeeper,
      // Without a ledger of its own: what is refused here is in the log.
      rateLimiter: door.createRateLimiter(() => {}),
      requestsPerMinute: DEFAULT_REQUESTS_PER_MINUTE,
      policyOf: cloudPolicies(),
      onFault: logFault,
    }),
  );
  return (request, response) => {
    if (request.path === '/api/v1/openapi.json') return sendJson(response, 200, openApi);
    if (request.path !== '/api/v1/config')
      return sendRefusal(response, refuse('not_found', 'the path is /api/v1/config'));
    return config(request, response);
  };
}

/** The client is loaded and opened by the first question: a start without one need not wait for it. */
function cloudPolicies(): PolicyOf {
  const path = setting('VANTIO_SPANNER_DATABASE');
  const emulated = process.env.SPANNER_EMULATOR_HOST !== undefined;
  const role = emulated ? undefined : setting('VANTIO_DATABASE_ROLE');
  let opened: ReturnType<typeof openDatabase> | undefined;
  const open = (): ReturnType<typeof openDatabase> => {
    const database = openDatabase({ path, role, concurrency: CONCURRENCY, onFault: logFault });
    atEnd('the Spanner client', async () => (await database).close());
    return database;
  };
  return createCachedPolicies({
    read: async (tenantId) => {
      opened ??= open();
      return readPolicy(await opened, tenantId);
    },
    onFault: logFault,
  });
}
