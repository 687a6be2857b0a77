import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { AuditRecord } from '@vantio/schema';
import { served, startControlPlane, TRUST } from '../../enforce/testing/control-plane.ts';
import { linesOf, runEnforced, traceOf } from '../../enforce/testing/run-enforced.ts';
import { type Ran as RanOf, runAgents as run } from '../testing/run-agents.ts';

type Said = {
  readonly name: string;
  readonly text?: string;
  readonly code?: string;
  readonly message?: string;
  readonly ran: readonly string[];
};
type Ran = RanOf<Said>;

async function runAgents(policy: unknown, only?: readonly string[], env = {}): Promise<Ran> {
  const ran = await run<Said>('ai', policy, { only }, env);
  assert.equal(ran.run.stderr, '');
  return ran;
}

const callsOf = (records: readonly AuditRecord[]) =>
  records.filter(({ event_type }) => event_type === 'tool_call');
const POLICY = {
  v: 1,
  version: 3,
  tools: { blocked: ['shell', 'web_search'] },
  models: { blocked: ['model-x'] },
};
let observed: Ran;
let held: Ran;

before(async () => {
  observed = await runAgents(undefined);
  held = await runAgents(POLICY);
});

test('calls of a model and of its tools are shields of one trace, requests within them', () => {
  assert.deepEqual(observed.of('one trace'), {
    name: 'one trace',
    text: 'Done: page; two',
    ran: ['read', 'steps'],
  });
  const records = traceOf('outer', observed.run);
  const outer = records.find(
    ({ event_type, parent_span_id }) => event_type === 'shield_end' && !parent_span_id,
  );
  const inner = records.filter(({ parent_span_id }) => parent_span_id === outer?.span_id);
  assert.equal(inner.length, 4, 'two calls of the model, two of tools');
  const spans = new Set(inner.map(({ span_id }) => span_id));
  const requests = records.filter(({ event_type }) => event_type === 'http_request');
  assert.equal(requests.length, 3);
  for (const { span_id } of requests) assert.ok(spans.has(span_id));
  const read = callsOf(records).find(({ tool_name }) => tool_name === 'read');
  assert.ok(requests.some(({ span_id }) => span_id === read?.span_id));
});

test('a record of a tool has its name, duration and outcome, and nothing that it was given or gave', () => {
  const [call] = callsOf(traceOf('outer', observed.run));
  assert.equal(call?.action_taken, 'OBSERVED');
  assert.equal(call?.outcome, 'ok');
  assert.ok((call?.duration_us ?? -1) >= 0);
  const broken = callsOf(observed.run.records).find(({ tool_name }) => tool_name === 'broken');
  assert.equal(broken?.outcome, 'error');
  assert.equal(broken?.error_code, 'EBROKEN');
  assert.doesNotMatch(JSON.stringify(observed.run.records), /page|content|Use read/);
});

test('without an outer shield a call of the model is a trace of its own, under the name of its agent', () => {
  const records = traceOf('alone', observed.run);
  assert.deepEqual(records.map(({ event_type }) => event_type).sort(), [
    'http_request',
    'shield_end',
  ]);
});

test('a shield lasts until its stream is read, and one that is aborted failed', () => {
  assert.equal(observed.of('streamed')?.text, 'Done: two');
  const [request, ...rest] = traceOf('streaming', observed.run).filter(
    ({ event_type }) => event_type !== 'tool_call',
  );
  const shield = rest.find(({ span_id }) => span_id === request?.span_id);
  assert.ok((shield?.duration_us ?? 0) >= (request?.duration_us ?? 1));
  assert.equal(observed.of('aborted')?.text, 'abort');
  const aborted = traceOf('aborting', observed.run).find(
    ({ event_type }) => event_type === 'shield_end',
  );
  assert.equal(aborted?.outcome, 'error');
  assert.equal(aborted?.error_code, 'ABORT_ERR');
});

test('a tool called by hand behaves as it did, and one without execute stays as it is', () => {
  assert.equal(observed.of('direct')?.text, 'page one undefined');
  const left = callsOf(traceOf('direct', observed.run));
  assert.deepEqual(
    left.map(({ outcome }) => outcome),
    ['aborted'],
  );
});

test('a tool that policy forbids does not run: the model is told why, and the others run', () => {
  const { text, ran } = held.of('refused') ?? {};
  assert.deepEqual(ran, ['read']);
  assert.match(text ?? '', /blocked by policy \(rule tools\.blocked\.0\).*; page$/);
  const calls = callsOf(held.run.records);
  const refused = calls.find(({ tool_name }) => tool_name === 'shell');
  assert.equal(refused?.action_taken, 'BLOCKED_TOOL');
  assert.equal(refused?.evidence, 'denied_before_effect');
  assert.equal(refused?.rule_id, 'tools.blocked.0');
  assert.equal(refused?.policy_version, 3);
  const allowed = calls.find(({ tool_name }) => tool_name === 'read');
  assert.equal(allowed?.action_taken, 'ALLOWED');
});

test('a model, or a tool of the provider, that policy forbids is refused before anything is sent', () => {
  assert.equal(held.of('forbidden model')?.code, 'BLOCKED_MODEL');
  assert.equal(held.of('provider tool')?.code, 'BLOCKED_TOOL');
  assert.equal(observed.of('provider tool')?.text, 'Done: ');
  for (const agent of ['modelled', 'searching'])
    assert.equal(
      traceOf(agent, held.run).some(({ event_type }) => event_type === 'http_request'),
      false,
    );
  assert.equal(held.asked.includes('model-x'), false);
});

test('each call of a model is told of once', () => {
  const calls = held.run.records.filter(({ event_type }) => event_type === 'llm_call');
  const sent = calls.filter(({ action_taken }) => action_taken !== 'BLOCKED_MODEL');
  assert.equal(sent.length, held.asked.filter((model) => model !== 'undefined').length);
  assert.equal(calls.length - sent.length, 1);
});

test('a generator that is refused refuses its first step', async () => {
  const { of } = await runAgents({ v: 1, version: 1, tools: { blocked: ['steps'] } }, ['direct']);
  assert.equal(of('direct')?.code, 'BLOCKED_TOOL');
  assert.deepEqual(of('direct')?.ran, []);
});

test('rules for one agent hold for the shields of that name', async () => {
  const rule = { tool: 'steps', agents: ['helper'] };
  const policy = { v: 1, version: 1, tools: { blocked: [rule] } };
  const { of } = await runAgents(policy, ['one trace', 'streamed']);
  assert.deepEqual(of('one trace')?.ran, ['read']);
  assert.deepEqual(of('streamed')?.ran, ['steps']);
});

test('a dry run lets every tool run and says what it would do', async () => {
  const policy = { v: 1, version: 1, mode: 'dry_run', tools: { allowed: ['read'] } };
  const { of, run } = await runAgents(policy, ['refused', 'provider tool']);
  assert.deepEqual(of('refused')?.ran, ['shell', 'read']);
  assert.equal(of('provider tool')?.text, 'Done: ');
  const verdicts = callsOf(run.records).map(({ tool_name, action_taken }) => [
    tool_name,
    action_taken,
  ]);
  assert.deepEqual(Object.fromEntries(verdicts), {
    shell: 'WOULD_BLOCK_TOOL',
    read: 'ALLOWED',
    web_search: 'WOULD_BLOCK_TOOL',
  });
});

test('the first calls wait for the first policy', async () => {
  const plane = await startControlPlane(
    (response, asked) => void setTimeout(() => served(POLICY)(response, asked), 300),
  );
  const env = { VANTIO_CLOUD_INGEST: 'true', VANTIO_TRUST: TRUST, VANTIO_INGEST_URL: plane.url };
  const ran = await runEnforced('doors/late.mjs', undefined, { env });
  plane.close();
  assert.deepEqual(linesOf(ran), [
    { ran: ['read', 'model-1'], codes: ['ran', 'BLOCKED_TOOL', 'ran', 'BLOCKED_MODEL'] },
  ]);
});
