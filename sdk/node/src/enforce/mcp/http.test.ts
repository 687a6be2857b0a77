import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startOddServer } from '../testing/odd-mcp-server.ts';
import { traceOf } from '../testing/run-enforced.ts';
import { callTools, type McpClient, toolRecords } from '../testing/tool-servers.ts';

const over = (path: string): McpClient => ['@modelcontextprotocol/sdk', 'esm', path];
const http = over('mcp');
const sse = over('sse');

test('an answer is read wherever it comes: from a stream that is taken up again, in pieces, after a redirect; and a failure, too', async () => {
  const server = await startOddServer();
  const calls = async (how: string, paths: readonly string[]) => {
    const clients = Object.fromEntries(paths.map((path) => [path, over(path)]));
    return callTools({}, { at: server.port, clients, calls: [[how, 'echo']] });
  };
  const patient = await calls('callTool', ['resumed', 'long', 'moved', 'cut', 'failing']);
  // The SDK waits for an answer that never comes.
  const hurried = await calls('in a hurry', ['broken', 'unanswered']);
  server.stop();
  const said = [...patient.said, ...hurried.said];
  const ends = (path: string) =>
    [patient, hurried]
      .flatMap(({ ran }) => traceOf(`${path}: echo`, ran))
      .filter(({ event_type }) => event_type === 'mcp_tool_call')
      .map(({ outcome, error_code, mcp_server }) => [outcome, error_code ?? mcp_server]);
  const text = (path: string) => said.find(({ name }) => name === path)?.text;
  assert.deepEqual([text('resumed'), text('long'), text('moved')], ['hi', 'hi', 'hi']);
  assert.deepEqual(ends('resumed'), [['ok', 'odd']]);
  assert.deepEqual(ends('long'), [['ok', 'odd']]);
  // Of each request that the SDK makes of the call there is a record.
  assert.deepEqual(ends('moved')[0], ['error', 'HTTP_307']);
  assert.equal(ends('moved')[1]?.[0], 'ok');
  for (const path of ['cut', 'broken']) {
    assert.equal(ends(path)[0]?.[0], 'error', path);
    assert.match(String(ends(path)[0]?.[1]), /UND_ERR_SOCKET|ECONNRESET/, path);
  }
  assert.deepEqual(ends('failing'), [['error', 'HTTP_500']]);
  assert.deepEqual(ends('unanswered'), [['unknown', 'odd']]);
  assert.ok(server.asked.every(({ encoding }) => encoding === 'identity'));
});

test('requests of MCP are recorded as requests, too, and never as calls of a model', async () => {
  const { ran, port } = await callTools(
    {},
    { clients: { http, sse }, calls: [['callTool', 'echo', { text: 'hi' }]] },
  );
  for (const client of ['http', 'sse']) {
    const types = traceOf(`${client}: echo`, ran).map(({ event_type }) => event_type);
    assert.deepEqual(
      types.filter((type) => type === 'mcp_tool_call'),
      ['mcp_tool_call'],
    );
    assert.ok(types.includes('http_request'));
    assert.ok(!types.includes('llm_call'));
  }
  assert.ok(toolRecords(ran).every(({ target_port }) => target_port === port));
});

test('what is redacted from requests is redacted from calls of tools, and put back into their answers', async () => {
  const text = 'Write to alice@example.com.';
  const redact_pii = { entities: ['email'], action: 'token', walk_hosts: ['127.0.0.1'] };
  const { ran, said, bodies } = await callTools(
    { redact_pii },
    { clients: { http, json: over('json') }, calls: [['callTool', 'echo', { text }]] },
  );
  assert.ok(!bodies.includes('alice'));
  assert.deepEqual(
    said.map((each) => each.text),
    [text, text],
  );
  assert.deepEqual(
    toolRecords(ran).map(({ outcome }) => outcome),
    ['ok', 'ok'],
  );
  assert.ok(ran.records.some(({ action_taken }) => action_taken === 'REDACTED'));
});

test('a message that is too long to be held is a tool that nobody can name', async () => {
  const options = { clients: { http, sse }, calls: [['with much', 'echo']] } as const;
  const refused = await callTools({ tools: { allowed: ['echo'] } }, options);
  assert.deepEqual(
    refused.said.map(({ code }) => code),
    ['BLOCKED_TOOL', 'BLOCKED_TOOL'],
  );
  assert.deepEqual(refused.reached, []);
  const free = await callTools({}, options);
  assert.deepEqual(free.reached, ['echo', 'echo']);
  for (const { ran } of [refused, free])
    assert.ok(toolRecords(ran).every(({ tool_name }) => tool_name === '_'));
});
