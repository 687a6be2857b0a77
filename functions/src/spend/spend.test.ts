import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseLedgerLine } from '@vantio/schema/ledger-line';
import { wrapPolicy } from '@vantio/schema/policy/signed-policy';
import type { Problem } from '@vantio/schema/wire/problem';
import {
  type SpendAnswer,
  type SpendOutcome,
  spendAnswerSchema,
} from '@vantio/schema/wire/spend-leases';
import { publishPolicy } from '../local/policy/policy-store.ts';
import { createHouse, spawnServer } from '../testing/local.ts';

const CAPS = [
  { id: 'daily', window: 'day', scope: 'key', limit_microusd: 1000 },
  { id: 'soft', window: 'month', scope: 'agent', limit_microusd: 10, kind: 'soft' },
  { window: 'trace', scope: 'model', limit_microusd: 100 },
];
const publish = (stateDir: string) =>
  publishPolicy(stateDir, wrapPolicy({ v: 1, version: 1, spend: { caps: CAPS } }, 'acme'));
const id = (): string => randomBytes(16).toString('hex');
const ask = (rule_id: string, need: number, more: object = {}) => ({
  rule_id,
  lease_id: id(),
  need_microusd: need,
  want_microusd: need,
  ...more,
});

async function send(url: string, key: string, body: unknown) {
  const response = await fetch(`${url}/api/v1/spend/leases`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as SpendAnswer & Problem };
}

async function lease(
  url: string,
  key: string,
  asks: readonly object[],
  reports: readonly object[] = [],
) {
  const { status, body } = await send(url, key, { v: 1, asks, reports });
  assert.equal(status, 200, JSON.stringify(body));
  return spendAnswerSchema.parse(body).leases;
}

const granted = (outcome: SpendOutcome | undefined) => {
  assert.equal(outcome?.status, 'granted');
  return outcome as Extract<SpendOutcome, { status: 'granted' }>;
};

test('processes of a key share its cap, what is given back may be had again, and each lease is a record', async (t) => {
  const house = createHouse(t);
  publish(house.stateDir);
  const server = await house.start();
  const [key, other] = [house.key(), house.key()];
  const session_id = id();
  const first = await send(server.url, key, { v: 1, session_id, asks: [ask('daily', 700)] });
  const { bucket, lease_id, amount_microusd } = granted(first.body.leases[0]);
  assert.equal(amount_microusd, 700);
  const [refused] = await lease(server.url, key, [ask('daily', 400)]);
  assert.partialDeepStrictEqual(refused, {
    status: 'used_up',
    outstanding_microusd: 700,
    used_microusd: 0,
    limit_microusd: 1000,
  });
  assert.equal((await lease(server.url, other, [ask('daily', 1000)]))[0]?.status, 'granted');
  const report = { bucket, lease_id, spent_microusd: 100, held_microusd: 0 };
  const [after] = await lease(server.url, key, [ask('daily', 900)], [report]);
  assert.equal(granted(after).used_microusd, 100);
  await server.close();
  const records = readFileSync(house.ledger, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"spend_lease"'))
    .map((line) => parseLedgerLine(line).record);
  assert.deepEqual(
    records.map(({ reserved_microusd }) => reserved_microusd),
    [700, 1000, 900],
  );
  assert.partialDeepStrictEqual(records[0], {
    source: 'control_plane',
    spend_window: 'day',
    spend_scope: 'key',
    spend_limit_microusd: 1000,
    spend_used_microusd: 0,
    policy_version: 1,
    subject_session_id: session_id,
  });
});

test("agents, models and traces have budgets of their own; the limit is the policy's, and a soft one is told of", async (t) => {
  const house = createHouse(t);
  publish(house.stateDir);
  const { url } = await house.start();
  const key = house.key();
  const [subject, trace_id] = [id(), id()];
  const both = await lease(url, key, [
    ask('spend.caps.2', 100, { subject, trace_id }),
    ask('spend.caps.2', 100, { subject, trace_id: id() }),
    ask('spend.caps.2', 100, { subject: id(), trace_id }),
    ask('spend.caps.2', 1, { subject, trace_id }),
    ask('nobody', 1),
  ]);
  assert.deepEqual(
    both.map(({ status }) => status),
    ['granted', 'granted', 'granted', 'used_up', 'unknown_rule'],
  );
  const soft = granted((await lease(url, key, [ask('soft', 500, { subject })]))[0]);
  const report = {
    bucket: soft.bucket,
    lease_id: soft.lease_id,
    spent_microusd: 500,
    held_microusd: 0,
  };
  assert.equal(
    granted((await lease(url, key, [ask('soft', 1, { subject })], [report]))[0]).used_microusd,
    500,
  );
  assert.equal(
    (await lease(url, house.key('other'), [ask('daily', 1)]))[0]?.status,
    'unknown_rule',
  );
});

test('a server that is killed has forgotten no lease, however its journal ends', async (t) => {
  const house = createHouse(t);
  publish(house.stateDir);
  const key = house.key();
  const options = ['--output-file', house.ledger, '--state-dir', house.stateDir];
  const first = await spawnServer(options);
  const [one] = await lease(first.url, key, [ask('daily', 600)]);
  await first.kill('SIGKILL');
  appendFileSync(join(house.stateDir, 'spend.ndjson'), '{"tenant":"acme","buck');
  const second = await spawnServer(options);
  const [two] = await lease(second.url, key, [ask('daily', 500)]);
  assert.partialDeepStrictEqual(two, { status: 'used_up', outstanding_microusd: 600 });
  const { bucket, lease_id } = granted(one);
  const report = { bucket, lease_id, spent_microusd: 50, held_microusd: 0 };
  const [three] = await lease(second.url, key, [ask('daily', 950)], [report]);
  assert.equal(granted(three).used_microusd, 50);
  await second.kill('SIGKILL');
});

test('of two servers in one state directory one leases, and a journal that cannot be read leases nothing', async (t) => {
  const house = createHouse(t);
  publish(house.stateDir);
  const [one, two] = [
    await house.start(),
    await house.start({ outputFile: join(house.directory, 'b.ndjson') }),
  ];
  const key = house.key();
  await lease(one.url, key, [ask('daily', 1)]);
  assert.equal((await send(two.url, key, { v: 1, asks: [ask('daily', 1)] })).status, 503);
  assert.match(house.log.join('\n'), /another process keeps .*spend.ndjson/);
  await one.close();
  writeFileSync(join(house.stateDir, 'spend.ndjson'), 'what\n');
  assert.equal((await send(two.url, key, { v: 1, asks: [ask('daily', 1)] })).status, 503);
  assert.match(house.log.join('\n'), /no JSON/);
});

test('a request that is not of its form is refused with the field that is at fault', async (t) => {
  const house = createHouse(t);
  const { url } = await house.start();
  const key = house.key();
  const faults: readonly (readonly [unknown, number, string?])[] = [
    ['{', 400],
    [{}, 422, 'v'],
    [{ v: 1, asks: [ask('daily', -1)] }, 422, 'asks.0.need_microusd'],
    [{ v: 1, asks: [{ ...ask('daily', 1), limit_microusd: 9 }] }, 422, 'asks.0'],
    [{ v: 1, asks: Array(33).fill(ask('daily', 1)) }, 422, 'asks'],
    [{ v: 1, reports: [{ bucket: 'x' }] }, 422, 'reports.0.bucket'],
    ['x'.repeat(200_000), 413],
  ];
  for (const [body, status, field] of faults) {
    const answer = await send(url, key, body);
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    assert.equal(answer.body.field, field);
  }
  assert.equal((await send(url, 'vk1.none', { v: 1 })).status, 401);
});
