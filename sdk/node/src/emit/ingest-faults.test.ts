import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertWholeChains, ofType } from '../testing/chain.ts';
import { type Answer, startIngest } from '../testing/ingest.ts';
import { newApiKey } from '../testing/keys.ts';
import { runAgent, scratch } from '../testing/run-agent.ts';

/** Runs an agent that flushes after each of five shields, against an ingest that answers as told. */
async function runAgainst(decide: (request: number) => Answer) {
  const ingest = await startIngest(decide);
  const env = {
    VANTIO_API_KEY: newApiKey(),
    VANTIO_INGEST_URL: ingest.url,
    VANTIO_SPOOL_DIR: scratch(),
  };
  const ran = await runAgent('five-flushes.mjs', { env });
  assert.equal(ran.code, 0);
  assert.equal(ran.stdout, 'done\n');
  assert.equal(ran.stderr, '');
  return { ingest, env };
}

/** Whatever the first process could not deliver, the next one does. */
async function drained(decide: (request: number) => Answer) {
  const { ingest, env } = await runAgainst(decide);
  await ingest.close();
  const healthy = await startIngest();
  await runAgent('flush-twice.mjs', { env: { ...env, VANTIO_INGEST_URL: healthy.url } });
  await healthy.close();
  const known = new Set<string>();
  return [...ingest.records(), ...healthy.records()].filter(({ event_id }) => {
    const isNew = !known.has(event_id);
    known.add(event_id);
    return isNew;
  });
}

const FAULTS: readonly (readonly [string, Answer])[] = [
  ['closes the connection midway', 'close'],
  ['answers garbage', 'garbage'],
  ['answers 500', { status: 500 }],
  ['answers 503 with Retry-After', { status: 503, headers: { 'retry-after': '1' } }],
  ['answers 429 with a long Retry-After', { status: 429, headers: { 'retry-after': '86400' } }],
  ['answers 429 with a malformed Retry-After', { status: 429, headers: { 'retry-after': 'soon' } }],
  ['redirects elsewhere', { status: 302, headers: { location: 'http://127.0.0.1:9/' } }],
];

for (const [what, answer] of FAULTS)
  test(`an ingest that ${what} loses no event and disturbs nobody`, async () => {
    const records = await drained(() => answer);
    assertWholeChains(records);
    assert.equal(ofType(records, 'shield_end').length, 5 + 1);
    assert.deepEqual(ofType(records, 'loss'), []);
  });

test('an ingest that fails only now and then loses no event', async () => {
  const records = await drained((request) => (request % 2 === 0 ? { status: 500 } : 'store'));
  assertWholeChains(records);
  assert.equal(ofType(records, 'shield_end').length, 5 + 1);
});

test('an ingest that hangs does not hold the process up', async () => {
  const { ingest } = await runAgainst(() => 'hang');
  await ingest.close();
});

test('a refused batch is counted as lost in a session that names the refused one as its parent', async () => {
  const records = await drained((request) => (request === 1 ? { status: 422 } : 'store'));
  const [first, ...others] = [...assertWholeChains(records).values()];
  assert.equal(
    first?.at(-1)?.event_type,
    'session_head',
    'the first session ends with a signed head',
  );
  const next = others.find(([start]) => start?.parent_session_id === first?.[0]?.session_id);
  const [loss] = ofType(next ?? [], 'loss');
  assert.equal(loss?.loss_reason, 'refused');
  assert.equal(ofType(records, 'shield_end').length + (loss?.lost_events ?? 0), 5 + 1);
});

test('a key that the ingest refuses makes no flood of requests', async () => {
  const { ingest } = await runAgainst(() => ({ status: 401 }));
  await ingest.close();
  assert.ok(ingest.requests() <= 2, `${ingest.requests()} requests`);
});
