import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { AuditRecord } from '@vantio/schema';
import { traceOf } from '../../enforce/testing/run-enforced.ts';
import { type Ran as RanOf, runAgents as run } from '../testing/run-agents.ts';

type Said = {
  readonly name: string;
  readonly text?: string;
  readonly error?: string;
  readonly reason?: string;
  readonly ran: readonly string[];
};
type Ran = RanOf<Said>;

async function runAgents(policy: unknown, more: object = {}): Promise<Ran> {
  const ran = await run<Said>('openai-agents', policy, more);
  assert.equal(ran.run.stderr, '');
  return ran;
}

const only = (type: AuditRecord['event_type'], records: readonly AuditRecord[]) =>
  records.filter(({ event_type }) => event_type === type);
const POLICY = {
  v: 1,
  version: 3,
  tools: { blocked: ['shell', { tool: 'read', agents: ['chatting'] }, 'web_search'] },
  models: { blocked: [{ model: 'model-x', agents: ['modelled'] }] },
};
let observed: Ran;
let held: Ran;

before(async () => {
  observed = await runAgents(undefined);
  held = await runAgents(POLICY);
});

test('a run is one trace, in which each request is of the model or tool that makes it', () => {
  assert.equal(observed.of('one trace')?.text, 'Done: page; shelled');
  const records = traceOf('outer', observed.run);
  assert.ok(traceOf('helper', observed.run).length === records.length, 'the agent is in it');
  const requests = only('http_request', records);
  assert.equal(requests.length, 3);
  assert.equal(new Set(requests.map(({ span_id }) => span_id)).size, 3);
  const read = only('tool_call', records).find(({ tool_name }) => tool_name === 'read');
  assert.ok(requests.some(({ span_id }) => span_id === read?.span_id));
  const spans = new Map(only('shield_end', records).map((record) => [record.span_id, record]));
  for (const { parent_span_id } of spans.values())
    assert.ok(parent_span_id === undefined || spans.has(parent_span_id));
});

test('runs side by side are traces of their own', () => {
  for (const name of ['left', 'right']) {
    const records = traceOf(name, observed.run);
    assert.equal(only('http_request', records).length, 3, name);
    assert.equal(only('tool_call', records).length, 1, name);
  }
});

test('a streamed run is whole, and an agent that another hands over to is in its trace', () => {
  assert.equal(only('http_request', traceOf('streaming', observed.run)).length, 3);
  assert.ok(traceOf('next', observed.run).length > 0);
  assert.deepEqual(traceOf('next', observed.run), traceOf('first', observed.run));
  assert.deepEqual(only('shield_start', observed.run.records), []);
});

test('a record of a tool says that it failed, and nothing of why', () => {
  const [call] = only('tool_call', traceOf('failing', observed.run));
  assert.equal(call?.action_taken, 'OBSERVED');
  assert.equal(call?.outcome, 'error');
  assert.doesNotMatch(JSON.stringify(observed.run.records), /with content|Use read/);
});

test('a tool that policy forbids does not run: the model is told why, and the run goes on', () => {
  assert.deepEqual(held.of('one trace'), {
    name: 'one trace',
    text: 'Done: page; The tool is blocked by policy (rule tools.blocked.0).',
    ran: ['read'],
  });
  const calls = only('tool_call', traceOf('outer', held.run));
  assert.deepEqual(
    calls
      .map(({ tool_name, action_taken, evidence }) => [tool_name, action_taken, evidence])
      .sort(),
    [
      ['read', 'ALLOWED', 'observed'],
      ['shell', 'BLOCKED_TOOL', 'denied_before_effect'],
    ],
  );
});

test('so do tools of MCP servers', () => {
  assert.deepEqual(observed.of('mcp')?.ran, ['shell']);
  assert.deepEqual(held.of('mcp')?.ran, []);
  assert.match(held.of('mcp')?.text ?? '', /blocked by policy/);
  const calls = only('tool_call', traceOf('remote', held.run));
  assert.deepEqual(
    calls.map(({ action_taken }) => action_taken),
    ['BLOCKED_TOOL'],
  );
});

test('rules for one agent hold for the agent of that name', () => {
  assert.deepEqual(held.of('chat completions')?.ran, []);
  assert.deepEqual(held.of('streamed')?.ran, ['read']);
});

test('a tool of the provider and a model that policy forbids fail the run before anything is sent', () => {
  const { error, reason } = held.of('hosted') ?? {};
  assert.equal(error, 'VantioBlockedError');
  assert.match(reason ?? '', /Do not call this tool again/);
  assert.match(held.of('forbidden model')?.reason ?? '', /Do not ask for this model again/);
  assert.equal(held.asked.includes('model-x'), false);
  assert.deepEqual(only('http_request', traceOf('searching', held.run)), []);
});

test('a refusal of a tool that takes no guardrail fails the run before it has run', () => {
  assert.deepEqual(observed.of('own shell')?.ran, ['own shell']);
  assert.deepEqual(held.of('own shell')?.ran, []);
  assert.match(held.of('own shell')?.reason ?? '', /Do not call this tool again/);
  const calls = only('tool_call', traceOf('sheller', held.run));
  assert.deepEqual(
    calls.map(({ action_taken }) => action_taken),
    ['BLOCKED_TOOL'],
  );
});

test('a tool that is not guarded runs, and is recorded as seen', () => {
  assert.deepEqual(held.of('unguarded')?.ran, ['shell']);
  const [call] = only('tool_call', traceOf('unguarded', held.run));
  assert.equal(call?.action_taken, 'OBSERVED');
});

test('each call of a model is told of once', () => {
  const sent = only('llm_call', held.run.records).filter(
    ({ action_taken }) => action_taken === 'ALLOWED',
  );
  assert.equal(sent.length, held.asked.filter((model) => model === 'model-1').length);
});

test('with tracing turned off tools are held all the same', async () => {
  const { of, run } = await runAgents(POLICY, { untraced: true, only: ['one trace', 'mcp'] });
  assert.deepEqual(of('one trace')?.ran, ['read']);
  assert.deepEqual(of('mcp')?.ran, []);
  const records = traceOf('outer', run);
  assert.deepEqual(
    only('tool_call', records).map(({ action_taken }) => action_taken),
    ['BLOCKED_TOOL'],
  );
});
