import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditRecord } from '@vantio/schema';
import { startModelServer } from '../testing/model-server.ts';
import { runEnforced } from '../testing/run-enforced.ts';

/** A micro-dollar a token: an answer of the stand-in is 11 in and 7 out. */
const COST = 18;
/** Reserved for a call of the fixture: 32 for a body of 94 bytes, and 7 that may come back. */
const PRICE = { input: 1_000_000, output: 1_000_000 };
const PRICES = { 'model-1': PRICE, 'model-2': PRICE, flaky: PRICE, down: PRICE };

type Said = {
  readonly status?: number;
  readonly code?: string;
  readonly ruleId?: string;
  readonly message?: string;
};
type Call = Readonly<Record<string, unknown>>;

async function run(spend: object, calls: readonly Call[], more: object = {}) {
  const server = await startModelServer();
  const policy = { v: 1, version: 3, spend: { prices: PRICES, ...spend }, ...more };
  const ran = await runEnforced('enforced/spends.mjs', policy, {
    args: [JSON.stringify({ url: server.url, calls })],
  });
  server.close();
  assert.equal(ran.code, 0, ran.stderr);
  const records = ran.records
    .filter(({ event_type }) => event_type === 'llm_call')
    .toSorted((one, other) => (one.occurred_at < other.occurred_at ? -1 : 1));
  return { said: JSON.parse(ran.stdout) as readonly Said[], records, asked: server.asked() };
}

/** Node 20 has no partialDeepStrictEqual. */
function assertHas(record: AuditRecord | undefined, part: Partial<AuditRecord>): void {
  assert.deepEqual({ ...record, ...part }, { ...record });
}

const cap = (limit_microusd: number, more: object = {}) => ({
  id: 'cap',
  window: 'day',
  scope: 'key',
  limit_microusd,
  ...more,
});
const outcomes = (said: readonly Said[]) => said.map(({ status, code }) => status ?? code);
const actions = (records: readonly AuditRecord[]) =>
  records.map(({ action_taken }) => action_taken);
const costs = (records: readonly AuditRecord[]) =>
  records.map(({ cost_microusd }) => cost_microusd);

for (const way of ['fetch', 'http', 'undici'])
  test(`a call by ${way} that a cap does not cover is refused before a byte of it leaves`, async () => {
    const { said, records, asked } = await run(
      { caps: [cap(2 * COST + 20)] },
      Array(3).fill({ way }),
    );
    assert.deepEqual(outcomes(said), [200, 200, 'BLOCKED_SPEND']);
    assert.equal(asked, 2);
    assert.match(
      said[2]?.message ?? '',
      /^The budget of \$0\.000056 that this API key has for a day \(rule cap\) does not cover this call: \$0\.000036 are spent/,
    );
    assert.deepEqual(actions(records), ['ALLOWED', 'ALLOWED', 'BLOCKED_SPEND']);
    const [first, , last] = records;
    assertHas(first, {
      cost_microusd: COST,
      spend_used_microusd: 0,
      input_tokens: 11,
      output_tokens: 7,
    });
    assert.ok((first?.reserved_microusd ?? 0) > COST);
    assertHas(last, {
      rule_id: 'cap',
      spend_window: 'day',
      spend_scope: 'key',
      spend_limit_microusd: 2 * COST + 20,
      spend_used_microusd: 2 * COST,
      policy_version: 3,
    });
    assert.equal(last?.cost_microusd, undefined);
  });

test('calls at one time are held to what is reserved for the others', async () => {
  const { said, asked } = await run({ caps: [cap(60)] }, [{ also: 10 }]);
  assert.equal(asked, 1);
  assert.equal(outcomes(said).filter((outcome) => outcome === 'BLOCKED_SPEND').length, 9);
});

test('a stream costs what its last event says, and a broken one what was counted so far, or else what was reserved', async () => {
  const calls = [
    { stream: true },
    { stream: true, path: '/v1/messages' },
    { stream: true, path: '/v1/messages?broken' },
    { stream: true, path: '/v1/chat/completions?broken' },
    { way: 'aborted', path: '/v1/chat/completions?stuck' },
  ];
  const { records } = await run({ caps: [cap(1e9)] }, calls);
  const reserved = records[3]?.reserved_microusd;
  assert.deepEqual(costs(records), [COST, COST, 12, reserved, records[4]?.reserved_microusd]);
  assert.ok(reserved);
  assert.equal(records[2]?.outcome, 'error');
});

test('what a provider refused, or never got, costs nothing; retries of a client cost what the one that is answered does', async () => {
  const calls = [
    { model: 'down' },
    { at: 'http://127.0.0.1:2' },
    { way: 'openai', model: 'flaky' },
    { way: 'fetch' },
  ];
  // Three attempts would not fit if those that failed were counted.
  const { said, records } = await run({ caps: [cap(2 * COST + 45)] }, calls);
  assert.deepEqual([said[0]?.status, said[2]?.status, said[3]?.status], [500, 200, 200]);
  assert.deepEqual(costs(records), [0, 0, 0, 0, COST, COST]);
});

test('a redirect costs nothing, and the call that follows it what it does', async () => {
  const { said, records } = await run({ caps: [cap(2 * COST + 45)] }, [
    { path: '/v1/chat/completions?moved' },
    {},
  ]);
  assert.deepEqual(outcomes(said), [200, 200]);
  assert.deepEqual(costs(records), [0, COST, COST]);
});

test('a client does not retry what a cap refuses into a storm, and hands the refusal on', async () => {
  const { said, asked } = await run({ caps: [cap(5, { reason: 'Ask the team.' })] }, [
    { way: 'openai' },
  ]);
  assert.deepEqual([said[0]?.code, said[0]?.ruleId, asked], ['BLOCKED_SPEND', 'cap', 0]);
  assert.match(said[0]?.message ?? '', / Ask the team\.$/);
});

test('a soft cap lets calls go, and says of those beyond it what was spent', async () => {
  const { said, records } = await run(
    { caps: [cap(2 * COST, { kind: 'soft' })] },
    Array(4).fill({}),
  );
  assert.deepEqual(outcomes(said), [200, 200, 200, 200]);
  assert.deepEqual(actions(records), ['ALLOWED', 'ALLOWED', 'FLAGGED_SPEND', 'FLAGGED_SPEND']);
  assertHas(records[3], {
    rule_id: 'cap',
    spend_used_microusd: 3 * COST,
    cost_microusd: COST,
  });
});

test('each trace has the budget of its own, and so have agents and models', async () => {
  const twice = { name: 'one' };
  const traces = await run({ caps: [cap(50, { window: 'trace' })] }, [
    twice,
    twice,
    { name: 'two' },
  ]);
  assert.deepEqual(outcomes(traces.said), [200, 200, 200]);
  const untraced = await run({ caps: [cap(50, { window: 'trace' })] }, [{}, {}]);
  assert.deepEqual(outcomes(untraced.said), [200, 'BLOCKED_SPEND']);
  const agents = await run({ caps: [cap(50, { scope: 'agent' })] }, [
    twice,
    twice,
    { name: 'two' },
  ]);
  assert.deepEqual(outcomes(agents.said), [200, 'BLOCKED_SPEND', 200]);
  const models = await run({ caps: [cap(50, { scope: 'model' })] }, [{}, {}, { model: 'model-2' }]);
  assert.deepEqual(outcomes(models.said), [200, 'BLOCKED_SPEND', 200]);
});

test('a cap counts the models and the agents that it names', async () => {
  const named = cap(50, { models: ['model-1*'], agents: ['one'] });
  const { said } = await run({ caps: [named] }, [
    { name: 'one' },
    { name: 'one', model: 'model-2' },
    { name: 'two' },
    { name: 'one' },
  ]);
  assert.deepEqual(outcomes(said), [200, 200, 200, 'BLOCKED_SPEND']);
});

test('in dry run nothing is refused, and what would be is recorded', async () => {
  const { said, records } = await run({ caps: [cap(50)] }, Array(3).fill({}), { mode: 'dry_run' });
  assert.deepEqual(outcomes(said), [200, 200, 200]);
  assert.deepEqual(actions(records), ['ALLOWED', 'WOULD_BLOCK_SPEND', 'WOULD_BLOCK_SPEND']);
  assertHas(records[2], {
    rule_id: 'cap',
    cost_microusd: COST,
    spend_used_microusd: 2 * COST,
  });
});

test('a model without a price is refused or let go, as policy says; an answer may name one that has a price', async () => {
  const calls = [{ model: 'nobody' }];
  const blocking = await run({ unknown_model: 'block' }, calls);
  assert.deepEqual(
    [blocking.said[0]?.code, blocking.said[0]?.ruleId, blocking.asked],
    ['BLOCKED_SPEND', 'spend.unknown_model', 0],
  );
  const allowing = await run({ caps: [cap(1)] }, calls);
  assert.deepEqual([allowing.said[0]?.status, costs(allowing.records)], [200, [undefined]]);
  const named = { caps: [cap(20)], prices: { 'model-1-2027': PRICE, 'model-1': PRICE } };
  const { said, records } = await run(named, [...calls, {}]);
  assert.deepEqual(
    [outcomes(said), costs(records)],
    [
      [200, 'BLOCKED_SPEND'],
      [COST, undefined],
    ],
  );
  const dry = await run({ unknown_model: 'block' }, calls, { mode: 'dry_run' });
  assert.deepEqual(actions(dry.records), ['WOULD_BLOCK_SPEND']);
});

test('prices of the table are told with their day', async () => {
  const { records } = await run({ caps: [cap(1e6)] }, [{ model: 'gpt-4o' }]);
  assert.match(records[0]?.price_date ?? '', /^20\d\d-\d\d-\d\d$/);
  // 8 of input, 3 of it cached, and 7 of output: $2.50, $1.25 and $10 a million.
  assert.equal(records[0]?.cost_microusd, Math.ceil(8 * 2.5 + 3 * 1.25 + 7 * 10));
});
