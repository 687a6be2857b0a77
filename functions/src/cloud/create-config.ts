import type { HttpFunction } from '@google-cloud/functions-framework';
import { DEFAULT_REQUESTS_PER_MINUTE, SPEND_REQUESTS_PER_MINUTE } from '@vantio/schema/wire/limits';
import { openApiDocument } from '@vantio/schema/wire/openapi';
import { createConfig } from '../config/handler.ts';
import type { PolicyOf } from '../config/policy-of.ts';
import { refuse, sendJson, sendRefusal } from '../door/problem-response.ts';
import { createRefusalNotes } from '../door/refusal-notes.ts';
import { nowInstant } from '../ingest/control-session.ts';
import { type Batch, linesOf } from '../ingest/ledger-store.ts';
import { createSpend } from '../spend/handler.ts';
import { createDoor } from './create-door.ts';
import { withDeadline } from './deadline.ts';
import { atEnd } from './drain/at-end.ts';
import { setting } from './environment.ts';
import { logFault } from './log.ts';
import { createCachedPolicies } from './policies/cached-policies.ts';
import { readPolicy } from './policies/policy-table.ts';
import { createControlPublisher } from './pubsub/control-publisher.ts';
import { createNotePublisher } from './pubsub/note-publisher.ts';
import { openDatabase } from './spanner/open-database.ts';
import { createLeaseRecords } from './spend/lease-records.ts';
import { createSpendBuckets } from './spend/spend-buckets.ts';

/** Queries and transactions under way at one time: leases are asked for by each process, policies once in a while. */
const CONCURRENCY = 16;
/** An emitter waits two seconds for its first policy, and keeps its last one when it is told that none can be read. */
const POLICY_MILLIS = 5000;

/** `config` in the cloud, from the environment; it also answers the two addresses that need no key. */
export async function createCloudConfig(): Promise<HttpFunction> {
  const door = await createDoor();
  const database = lazyDatabase();
  const { controlKey, publish, beforeEnd } = createControlPublisher();
  const records = createLeaseRecords({ database, controlKey, publish, onFault: logFault });
  const cached = createCachedPolicies({
    read: (tenantId) =>
      withDeadline(POLICY_MILLIS, async () => readPolicy(await database(), tenantId)),
    onFault: logFault,
  });
  const policyOf: PolicyOf = (tenantId) => {
    // Whoever was granted leases may be gone, and every emitter asks for policy.
    void records.sweep();
    return cached(tenantId);
  };
  const openApi = JSON.stringify(openApiDocument());
  const notes = createNotePublisher({
    controlKey,
    publish: (batch) => publish(headerOf(batch), linesOf(batch)),
    onFault: logFault,
  });
  beforeEnd('what the control plane has to say', notes.close);
  const noteRefusal = createRefusalNotes({ note: notes.note, onFault: logFault });
  const config = door.behind(
    createConfig({
      doorkeeper: door.doorkeeper,
      rateLimiter: door.createRateLimiter(noteRefusal),
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
      rateLimiter: spendDoor.createRateLimiter(noteRefusal),
      policyOf,
      store: createSpendBuckets(database, records),
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

const headerOf = ({ tenantId, records: [first] }: Batch) => ({
  tenant_id: tenantId,
  key_id: first?.record.key_id ?? '',
  received_at: nowInstant(),
});

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
