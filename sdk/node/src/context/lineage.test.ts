import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertWholeChains, ofType } from '../testing/chain.ts';
import { startIngest } from '../testing/ingest.ts';
import { newApiKey } from '../testing/keys.ts';
import { runAgent } from '../testing/run-agent.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

/** Runs a fixture under an environment. @returns what it printed and what arrived. */
async function recorded(fixture: string, env: Readonly<Record<string, string>> = {}) {
  const ingest = await startIngest();
  const ran = await runAgent(fixture, {
    env: { VANTIO_API_KEY: newApiKey(), VANTIO_INGEST_URL: ingest.url, ...env },
  });
  await ingest.close();
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(ingest.faults, []);
  return { ran, records: ingest.records(), envelopes: ingest.envelopes };
}

test('a child with childEnv continues the trace as a span of the shield that started it', async () => {
  const { ran, records, envelopes } = await recorded('lineage.mjs');
  const { trace, carried, plain, first } = JSON.parse(ran.stdout);
  assert.equal(carried, trace);
  assert.equal(plain, 'none');
  assert.deepEqual(first, ['VANTIO_TRACE_ID', 'TRACEPARENT', 'A']);
  const span = (name: string) =>
    envelopes
      .filter(({ disclosures }) => disclosures?.[0]?.value === name)
      .map(({ record }) => record)
      .filter(({ trace_id }) => trace_id === trace);
  const [parent] = span('parent');
  const child = span('child').find(({ event_type }) => event_type === 'shield_end');
  assert.equal(child?.parent_span_id, parent?.span_id);
  assert.equal(child?.trace_origin, 'inherited');
  assertWholeChains(records);
});

test('a worker thread has a session of its own that names its parent', async () => {
  const { records } = await recorded('lineage.mjs');
  const starts = ofType(records, 'session_start');
  const worker = starts.find(({ thread_id }) => thread_id !== undefined);
  const parent = starts.find(({ session_id }) => session_id === worker?.parent_session_id);
  assert.equal(starts.length, 4);
  assert.equal(worker?.pid, parent?.pid);
});

test('a forked child has a session of its own, joined to its parent by pid and, if asked, by trace', async () => {
  const { ran, records } = await recorded('fork.mjs');
  const { pid, trace, traced, plain } = JSON.parse(ran.stdout);
  const sessions = [...assertWholeChains(records).values()];
  assert.equal(sessions.length, 3);
  for (const forked of [traced, plain]) {
    const [start] = sessions.find(([first]) => first?.pid === forked.pid) ?? [];
    assert.equal(start?.ppid, pid);
    assert.equal(start?.parent_session_id, undefined, 'nothing tells a process the session');
    const started = ofType(records, 'process_exec').find(
      ({ child_pid }) => child_pid === forked.pid,
    );
    assert.equal(started?.pid, pid);
    assert.equal(started?.trace_id, trace);
  }
  assert.equal(traced.trace, trace);
  assert.notEqual(plain.trace, trace);
});

const ENVIRONMENTS: readonly (readonly [string, Record<string, string>, string | undefined])[] = [
  ['VANTIO_TRACE_ID', { VANTIO_TRACE_ID: TRACE }, undefined],
  ['TRACEPARENT', { TRACEPARENT: `00-${TRACE}-${SPAN}-01` }, SPAN],
  ['both', { VANTIO_TRACE_ID: TRACE, TRACEPARENT: `00-${TRACE}-${SPAN}-00` }, SPAN],
];

for (const [what, env, parent] of ENVIRONMENTS)
  test(`a trace in the environment is continued: ${what}`, async () => {
    const { ran, records } = await recorded('calls.mjs', env);
    assert.equal(ran.stdout.trim(), TRACE);
    const outer = ofType(records, 'shield_end').at(-1);
    assert.equal(outer?.trace_origin, 'inherited');
    assert.equal(outer?.parent_span_id, parent);
    const [start] = records;
    assert.equal(start?.trace_id, TRACE);
    assert.equal(start?.trace_origin, 'process_level');
  });

test('a malformed trace in the environment is ignored with one line on the debug channel', async () => {
  for (const bad of ['0'.repeat(32), TRACE.toUpperCase(), `${TRACE}0`, 'x'.repeat(100_000)]) {
    const { ran } = await recorded('calls.mjs', { VANTIO_TRACE_ID: bad, VANTIO_DEBUG: '1' });
    assert.notEqual(ran.stdout.trim(), bad);
    assert.equal(ran.stderr.match(/VANTIO_TRACE_ID/g)?.length, 1);
  }
});
