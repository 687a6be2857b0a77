import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { AuditRecord } from '@vantio/schema';
import { linesOf, traceOf } from '../../enforce/testing/run-enforced.ts';
import { type Ran as RanOf, runAgents as run } from '../testing/run-agents.ts';

type Said = {
  readonly name: string;
  readonly text?: string;
  readonly code?: string;
  readonly ran: readonly string[];
};
type Ran = RanOf<Said>;

const runAgents = (policy: unknown, more: object = {}): Promise<Ran> =>
  run<Said>('langchain', policy, more);

const only = (type: AuditRecord['event_type'], records: readonly AuditRecord[]) =>
  records.filter(({ event_type }) => event_type === type);
const POLICY = {
  v: 1,
  version: 3,
  tools: { blocked: ['shell'] },
  models: { blocked: [{ model: 'model-x', provider: 'openai', agents: ['modelled'] }] },
};
let observed: Ran;
let held: Ran;

before(async () => {
  observed = await runAgents(undefined);
  held = await runAgents(POLICY);
});

test('runs side by side nest as LangChain has them, and their requests are theirs', () => {
  const records = traceOf('parallel', observed.run);
  const shields = only('shield_end', records);
  const childrenOf = (span: string | undefined) =>
    shields.filter(({ parent_span_id }) => parent_span_id === span);
  const [outer] = shields.filter(({ parent_span_id }) => parent_span_id === undefined);
  const [both, ...others] = childrenOf(outer?.span_id);
  assert.deepEqual(others, []);
  const sides = childrenOf(both?.span_id);
  assert.equal(sides.length, 2);
  const steps = sides.flatMap(({ span_id }) => childrenOf(span_id));
  assert.equal(steps.length, 4);
  const requests = only('http_request', records);
  assert.deepEqual(
    new Set(requests.map(({ span_id }) => span_id)),
    new Set(steps.map(({ span_id }) => span_id)),
  );
});

test('the outermost run has the name of the agent, and no run is left open', () => {
  for (const agent of ['chained', 'streaming', 'tooling', 'graph'])
    assert.ok(traceOf(agent, observed.run).length > 0, agent);
  assert.deepEqual(only('shield_start', observed.run.records), []);
});

test('a call of a tool is a record of its own run, with its requests', () => {
  const records = traceOf('tooling', observed.run);
  const [call] = only('tool_call', records);
  assert.equal(call?.tool_name, 'read');
  assert.equal(call?.action_taken, 'OBSERVED');
  assert.equal(call?.outcome, 'ok');
  assert.equal(only('http_request', records)[0]?.span_id, call?.span_id);
  const [failed] = only('tool_call', traceOf('failing', observed.run));
  assert.equal(failed?.outcome, 'error');
  assert.equal(failed?.error_code, 'EBROKEN');
  assert.doesNotMatch(JSON.stringify(observed.run.records), /with content|Use read/);
});

test('an agent of LangGraph is one trace', () => {
  assert.deepEqual(observed.of('agent')?.ran, ['read', 'shell']);
  const records = traceOf('graph', observed.run);
  assert.equal(only('tool_call', records).length, 2);
  assert.equal(only('http_request', records).length, 3);
});

test('a tool that policy forbids does not run: its run fails, and an agent goes on', () => {
  assert.deepEqual(held.of('shell'), {
    name: 'shell',
    code: 'BLOCKED_TOOL',
    message: 'The tool is blocked by policy (rule tools.blocked.0).',
    ran: [],
  });
  const [refused] = only('tool_call', traceOf('shelling', held.run));
  assert.equal(refused?.action_taken, 'BLOCKED_TOOL');
  assert.equal(refused?.evidence, 'denied_before_effect');
  assert.deepEqual(held.of('agent')?.ran, ['read']);
  assert.match(held.of('agent')?.text ?? '', /blocked by policy/);
  const verdicts = only('tool_call', traceOf('graph', held.run)).map((call) => call.action_taken);
  assert.deepEqual(verdicts.sort(), ['ALLOWED', 'BLOCKED_TOOL']);
  const shield = only('shield_end', traceOf('shelling', held.run))[0];
  assert.equal(shield?.error_code, 'BLOCKED_TOOL');
});

test('a model that policy forbids to an agent is refused before anything is sent', () => {
  assert.equal(observed.of('forbidden model')?.text, 'Done: ');
  assert.equal(held.of('forbidden model')?.code, 'BLOCKED_MODEL');
  assert.equal(held.asked.includes('model-x'), false);
  const [call, ...more] = only('llm_call', traceOf('modelled', held.run));
  assert.equal(call?.rule_id, 'models.blocked.0');
  assert.deepEqual(more, []);
});

test('each call of a model is told of once', () => {
  const sent = only('llm_call', held.run.records).filter(
    ({ action_taken }) => action_taken === 'ALLOWED',
  );
  assert.equal(sent.length, held.asked.filter((model) => model === 'model-1').length);
});

test('without LangGraph runs nest all the same, tools are held, and requests are of the shield around', async () => {
  const { of, run } = await runAgents(POLICY, { graph: false });
  assert.equal(of('shell')?.code, 'BLOCKED_TOOL');
  const records = traceOf('parallel', run);
  assert.equal(only('shield_end', records).length, 8);
  const outer = only('shield_end', records).find(({ parent_span_id }) => !parent_span_id);
  for (const { span_id } of only('http_request', records)) assert.equal(span_id, outer?.span_id);
  assert.equal(only('http_request', records).length, 4);
});

test('runs that are exported to OpenTelemetry nest there as they do here', async () => {
  const { run } = await runAgents(undefined, { otel: true, only: ['parallel'] });
  const { spans = [] } = linesOf<{ spans?: readonly object[] }>(run).at(-1) ?? {};
  const recorded = only('shield_end', traceOf('parallel', run)).map(
    ({ span_id, parent_span_id }) => ({ span_id, ...(parent_span_id && { parent_span_id }) }),
  );
  assert.equal(recorded.length, 8);
  const sorted = (all: readonly object[]) => all.map((one) => JSON.stringify(one)).sort();
  assert.deepEqual(sorted(spans), sorted(recorded));
});
