import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import fc from 'fast-check';
import type { Detail, Observation } from '../record/observation.ts';
import { openQueue, takeEntries } from '../record/queue.ts';
import { createConversation } from './conversation.ts';
import { CLOSED } from './outcome.ts';

openQueue(() => undefined);
beforeEach(() => void takeEntries(100_000));

const told = (): readonly Detail[] =>
  (takeEntries(100_000) as readonly Observation[]).map(({ detail }) => detail as Detail);

const message = (members: object) => ({ jsonrpc: '2.0', ...members });
const call = (id: unknown, name: unknown = 'tool') =>
  message({ id, method: 'tools/call', params: { name, arguments: {} } });
const result = (id: unknown, more: object = {}) =>
  message({ id, result: { content: [], ...more } });

const talk = (known?: unknown) => createConversation({ transport: 'stdio', target: {} }, known);

test('an answer is that to the call with its very id, once, and a request of the server is none', () => {
  const one = talk();
  one.sends(call(1, 'number'), 10);
  one.sends(call('1', 'string'), 10);
  one.hears(message({ id: 1, method: 'sampling/createMessage' }), 5);
  one.hears(result(2), 5);
  one.hears(result(null), 5);
  assert.deepEqual(told(), []);
  one.hears(result('1'), 7);
  one.hears(result('1'), 7);
  one.hears(result(1), 8);
  assert.deepEqual(
    told().map(({ tool_name, bytes_sent, bytes_received, outcome }) => [
      tool_name,
      bytes_sent,
      bytes_received,
      outcome,
    ]),
    [
      ['string', 10, 7, 'ok'],
      ['number', 10, 8, 'ok'],
    ],
  );
});

test('a server is named by its greeting, or by its results, and cannot say that it is another later', () => {
  const greeted = talk();
  greeted.sends(message({ id: 0, method: 'initialize', params: {} }), 1);
  greeted.hears(result(9, { serverInfo: { name: 'not-asked' } }), 1);
  greeted.hears(result(0, { serverInfo: { name: 'first' } }), 1);
  const _meta = { 'io.modelcontextprotocol/serverInfo': { name: 'second' } };
  greeted.sends(call(1), 1);
  greeted.hears(result(1, { _meta }), 1);
  const ungreeted = talk();
  ungreeted.sends(call(1), 1);
  ungreeted.hears(result(1, { _meta }), 1);
  assert.deepEqual(
    told().map(({ mcp_server }) => mcp_server),
    ['first', 'second'],
  );
});

for (const info of [null, 7, 'text', [], { name: 7 }, { name: '' }, { name: null }])
  test(`a greeting with ${JSON.stringify(info)} names no server`, () => {
    const one = talk(info);
    one.sends(message({ id: 0, method: 'initialize' }), 1);
    one.hears(result(0, { serverInfo: info }), 1);
    one.sends(call(1), 1);
    one.hears(result(1), 1);
    assert.equal(told()[0]?.mcp_server, undefined);
  });

test('a name that is none is a call all the same, and what is no message is nothing', () => {
  const one = talk();
  for (const name of [undefined, null, 7, {}, '']) one.sends(call(1, name), 1);
  one.sends(message({ id: 2, method: 'tools/call' }), 1);
  one.sends(message({ id: 3, method: 'tools/call', params: 'text' }), 1);
  for (const value of [undefined, null, 7, 'text', [], [null], {}, { method: 'tools/call' }]) {
    one.sends(value, 1);
    one.hears(value, 1);
  }
  one.ends(CLOSED);
  one.ends(CLOSED);
  // Five have one id: of the last of them, and the two others, the end is told, of the rest when the process ends.
  assert.deepEqual(
    told().map(({ tool_name, error_code }) => [tool_name, error_code]),
    Array(3).fill(['_', 'CONNECTION_CLOSED']),
  );
});

test('what is cancelled is over, and its answer comes too late', () => {
  const one = talk();
  const cancel = (requestId: unknown, reason?: unknown) =>
    one.sends(message({ method: 'notifications/cancelled', params: { requestId, reason } }), 1);
  for (const id of [1, 2, 3]) one.sends(call(id), 1);
  cancel(1, 'McpError: MCP error -32001: Request timed out');
  cancel(2, 'the user left');
  cancel(3);
  cancel(4);
  for (const id of [1, 2, 3]) one.hears(result(id), 1);
  assert.deepEqual(
    told().map(({ outcome }) => outcome),
    ['timeout', 'aborted', 'aborted'],
  );
});

test('a call without an id is told at once, and each of a batch with its own size', () => {
  const one = talk();
  one.sends(call(undefined), 50);
  assert.equal(told()[0]?.outcome, 'unknown');
  const batch = [call(1, 'a'), call(2, 'longer-name')];
  one.sends(batch, 1000);
  one.hears([result(1), result(2, { isError: true })], 1000);
  const [first, second] = told();
  assert.deepEqual([first?.outcome, second?.error_code], ['ok', 'TOOL_ERROR']);
  assert.equal(first?.bytes_sent, JSON.stringify(batch[0]).length);
  assert.equal(second?.bytes_sent, JSON.stringify(batch[1]).length);
});

test('errors are told by their number, whatever the server says', () => {
  const one = talk();
  const codes = [-32_602, 0, 1.5, '-1', null, Number.MAX_SAFE_INTEGER, { toString: () => 'X' }];
  codes.forEach((code, id) => {
    one.sends(call(id), 1);
    one.hears(message({ id, error: { code, message: 'c0ntent' } }), 1);
  });
  const said = told().map(({ error_code }) => error_code);
  assert.deepEqual(said, [
    'JSONRPC_32602',
    'JSONRPC_0',
    'JSONRPC_ERROR',
    'JSONRPC_ERROR',
    'JSONRPC_ERROR',
    'JSONRPC_9007199254740991',
    'JSONRPC_ERROR',
  ]);
});

test('calls that nobody answers do not fill the memory', () => {
  const one = talk();
  for (let id = 0; id < 10_500; id++) one.sends(call(id), 1);
  const ends = told();
  assert.ok(ends.length >= 500);
  assert.ok(ends.every(({ outcome }) => outcome === 'unknown'));
  one.ends(CLOSED);
});

const WORD = /^[A-Za-z0-9._:/@+-]{1,128}$/;
const name = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.jsonValue());

test('whatever is sent and answered, records have only words and numbers of their alphabets', () => {
  fc.assert(
    fc.property(name, name, fc.jsonValue(), fc.jsonValue(), (tool, server, more, code) => {
      const one = talk({ name: server });
      one.sends([call(1, tool), call(2, tool), more], 1);
      one.sends(more, 1);
      one.hears([more, result(1, { isError: more, _meta: more })], 1);
      one.hears(message({ id: 2, result: more, error: { code, message: more } }), 1);
      one.ends(CLOSED);
      const ends = told();
      assert.ok(ends.length >= 2);
      for (const { tool_name, mcp_server, error_code, outcome } of ends) {
        assert.match(tool_name ?? '', WORD);
        assert.match(mcp_server ?? 'none', WORD);
        assert.match(error_code ?? 'NONE', /^[A-Z][A-Z0-9_]{0,63}$/);
        assert.match(outcome ?? '', /^(ok|error)$/);
      }
    }),
  );
});
