import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { type Bucket, exchange } from '@vantio/schema/spend/bucket';
import { type SpendRequest, spendRequestSchema } from '@vantio/schema/wire/spend-leases';
import { runAgent, scratch } from '../../testing/run-agent.ts';
import {
  type Lease,
  type Serve,
  served,
  startControlPlane,
  TRUST,
} from '../testing/control-plane.ts';
import { startModelServer } from '../testing/model-server.ts';
import { CLIENTS, REGISTER } from '../testing/run-enforced.ts';

const COST = 18;
const PRICE = { input: 1_000_000, output: 1_000_000 };
const cap = (limit_microusd: number, more: object = {}) => ({
  id: 'cap',
  window: 'day',
  scope: 'agent',
  limit_microusd,
  ...more,
});

/** The control plane's own decisions, over buckets that a test can look into. */
function createLeases(limit: number, isSoft = false) {
  const asked: SpendRequest[] = [];
  let buckets = new Map<string, Bucket>();
  const answer: Lease = async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const said = spendRequestSchema.parse(JSON.parse(Buffer.concat(chunks).toString()));
    asked.push(said);
    const reports = said.reports.map((one) => ({
      bucket: one.bucket,
      leaseId: one.lease_id,
      spent: one.spent_microusd,
      held: one.held_microusd,
    }));
    const asks = said.asks.map((one) => ({
      bucket: `${one.subject ?? ''}${one.trace_id ?? ''}`,
      leaseId: one.lease_id,
      need: one.need_microusd,
      want: one.want_microusd,
      limit,
      isSoft,
      endsAt: Date.now() + 1e9,
    }));
    const { changed, outcomes } = exchange(buckets, reports, asks, Date.now());
    buckets = new Map([...buckets, ...changed]);
    const leases = outcomes.map((outcome, at) => ({
      window: '2026-11-26',
      limit_microusd: limit,
      used_microusd: outcome.used,
      ...(outcome.status === 'granted'
        ? {
            status: 'granted',
            bucket: asks[at]?.bucket,
            lease_id: asks[at]?.leaseId,
            amount_microusd: outcome.amount,
            expires_in_ms: 60_000,
          }
        : { status: 'used_up', outstanding_microusd: outcome.outstanding, retry_in_ms: 60_000 }),
    }));
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ v: 1, leases }));
  };
  return { answer, asked, buckets: () => buckets };
}

type Said = { readonly status?: number; readonly code?: string };

async function run(
  caps: readonly object[],
  lease: Lease,
  calls: readonly object[],
  more: object = {},
  late = 0,
) {
  const prices = { 'model-1': PRICE, 'model-1-2027': PRICE };
  const policy = { v: 1, version: 1, spend: { caps, prices }, ...more };
  const serve: Serve = (response, asked) => void setTimeout(served(policy), late, response, asked);
  const plane = await startControlPlane(serve, lease);
  const provider = await startModelServer();
  const ran = await runAgent('enforced/spends.mjs', {
    args: [JSON.stringify({ url: provider.url, calls })],
    nodeArgs: ['--no-warnings'],
    env: {
      NODE_OPTIONS: `--require=${REGISTER}`,
      VANTIO_CLOUD_INGEST: 'true',
      VANTIO_API_KEY: plane.apiKey,
      VANTIO_INGEST_URL: plane.url,
      VANTIO_SPOOL_DIR: scratch(),
      VANTIO_TRUST: TRUST,
      CLIENTS,
    },
  });
  plane.close();
  provider.close();
  assert.equal(ran.code, 0, ran.stderr);
  const said = JSON.parse(ran.stdout) as readonly Said[];
  const records = plane.records().filter(({ event_type }) => event_type === 'llm_call');
  return { outcomes: said.map(({ status, code }) => status ?? code), records };
}

const once = { name: 'alice' };

test('a process spends what it has leased, asks before it needs more, and gives back what is left', async () => {
  const leases = createLeases(100_000);
  const { outcomes, records } = await run([cap(100_000)], leases.answer, Array(30).fill(once));
  assert.ok(outcomes.every((outcome) => outcome === 200));
  assert.ok(leases.asked.length < 15, `${leases.asked.length} requests`);
  const [[, bucket] = []] = [...leases.buckets()];
  assert.deepEqual([bucket?.used, bucket?.leases], [30 * COST, {}]);
  // The session that tells what they were spent on, from the first on.
  const sessions = new Set(leases.asked.map(({ session_id }) => session_id));
  assert.deepEqual([...sessions], [records[0]?.session_id]);
  // Whose budget it is can be compared, and not read.
  assert.match(leases.asked[0]?.asks[0]?.subject ?? '', /^[0-9a-f]{32}$/);
  assert.ok(!JSON.stringify(leases.asked).includes('alice'));
});

test('when nothing is left for it a process refuses, also calls at one time, and says what all have spent', async () => {
  for (const way of ['fetch', 'http', 'undici']) {
    const leases = createLeases(3 * COST + 10);
    const call = { ...once, way };
    const calls = [call, call, { ...call, also: 4 }];
    const { outcomes, records } = await run([cap(3 * COST + 10)], leases.answer, calls);
    assert.deepEqual(outcomes.slice(0, 2), [200, 200], way);
    assert.equal(outcomes.at(-1), 'BLOCKED_SPEND', way);
    const [[, bucket] = []] = [...leases.buckets()];
    assert.equal(bucket?.used, outcomes.filter((outcome) => outcome === 200).length * COST, way);
    assert.ok((bucket?.used ?? 0) <= 3 * COST + 10, way);
    const refused = records.find(({ action_taken }) => action_taken === 'BLOCKED_SPEND');
    assert.ok((refused?.spend_used_microusd ?? 0) >= COST, way);
  }
});

test('agents and traces lease of budgets of their own', async () => {
  const leases = createLeases(50);
  const caps = [cap(50), cap(50, { id: 'trace', window: 'trace', scope: 'key' })];
  const { outcomes } = await run(caps, leases.answer, [once, { name: 'bob' }, once]);
  assert.deepEqual(outcomes, [200, 200, 'BLOCKED_SPEND']);
  // What is refused for its agent does not ask for its trace.
  assert.equal(leases.buckets().size, 4);
});

test('a soft cap is leased beyond its limit, and what goes beyond it is flagged', async () => {
  const leases = createLeases(COST, true);
  const { outcomes, records } = await run([cap(COST, { kind: 'soft' })], leases.answer, [
    once,
    once,
  ]);
  assert.deepEqual(outcomes, [200, 200]);
  assert.deepEqual(
    records.map(({ action_taken }) => action_taken),
    ['ALLOWED', 'FLAGGED_SPEND'],
  );
});

test('calls that went before the first policy came are recorded, and counted when it comes', async () => {
  const leases = createLeases(2 * COST);
  // They wait two seconds for it, and it comes a second later.
  const calls = [
    { ...once, way: 'http' },
    { ...once, after: 1500 },
  ];
  const { outcomes, records } = await run([cap(2 * COST)], leases.answer, calls, {}, 3000);
  assert.deepEqual(outcomes, [200, 'BLOCKED_SPEND']);
  const [early, refused] = records.toSorted((one, other) =>
    one.occurred_at < other.occurred_at ? -1 : 1,
  );
  assert.deepEqual(
    [early?.action_taken, early?.model, early?.input_tokens, early?.policy_version],
    ['OBSERVED', 'model-1-2027', 11, undefined],
  );
  assert.equal(refused?.spend_used_microusd, COST);
  const [[, bucket] = []] = [...leases.buckets()];
  assert.equal(bucket?.used, COST);
});

test('a lease that was granted and never heard of is asked for by its id again, and given back', async () => {
  const leases = createLeases(100_000);
  let isLost = true;
  const losing: Lease = async (request, response) => {
    if (!isLost) return leases.answer(request, response);
    isLost = false;
    const nobody = { writeHead: () => ({ end: () => undefined }) };
    await leases.answer(request, nobody as unknown as ServerResponse);
    response.destroy();
  };
  // After a failure nothing is asked for in five seconds.
  await run([cap(100_000)], losing, [once, { ...once, after: 5500 }]);
  const [lost, again] = leases.asked.flatMap(({ asks }) => asks);
  assert.equal(again?.lease_id, lost?.lease_id);
  const [[, bucket] = []] = [...leases.buckets()];
  assert.deepEqual([bucket?.used, bucket?.leases], [COST, {}]);
});

const FAULTS: readonly (readonly [string, Lease])[] = [
  ['refuses', (_, response) => void response.writeHead(503).end()],
  ['answers garbage', (_, response) => void response.end('<html>')],
  ['does not answer', () => undefined],
];

for (const [what, lease] of FAULTS)
  test(`when the control plane ${what}, calls go, uncounted, unless the cap is closed`, async () => {
    const open = await run([cap(1)], lease, [once, once]);
    assert.deepEqual(open.outcomes, [200, 200]);
    assert.deepEqual(
      open.records.map(({ cost_microusd }) => cost_microusd),
      [COST, COST],
    );
    const closed = [cap(1, { on_unavailable: 'closed' })];
    const shut = await run(closed, lease, [once]);
    assert.deepEqual(shut.outcomes, ['BLOCKED_UNAVAILABLE']);
    assert.equal(shut.records[0]?.rule_id, 'cap');
    const dry = await run(closed, lease, [once], { mode: 'dry_run' });
    assert.deepEqual(dry.outcomes, [200]);
    assert.equal(dry.records[0]?.action_taken, 'WOULD_BLOCK_UNAVAILABLE');
  });
