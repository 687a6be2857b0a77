import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linesOf, runEnforced, traceOf } from '../testing/run-enforced.ts';
import { callTools, type McpCall, toolRecords } from '../testing/tool-servers.ts';

const CLIENTS = {
  stdio: ['@modelcontextprotocol/sdk', 'esm', 'stdio'],
  http: ['@modelcontextprotocol/sdk', 'cjs', 'mcp'],
  sse: ['mcp-sdk-1.12', 'esm', 'sse'],
  'second version': ['@modelcontextprotocol/client', 'esm', 'mcp'],
  'protocol of 2026': ['@modelcontextprotocol/client', 'cjs', 'modern stdio'],
} as const;
const CALLS: readonly McpCall[] = [
  ['callTool', 'echo', { text: 'hi' }],
  ['callTool', 'wrong'],
  ['in a hurry', 'endless'],
  ['callTool', 'delete_all'],
];

test('without a policy the tools of a client that was handed over are recorded, and nobody else’s', async () => {
  const options = { clients: CLIENTS, calls: CALLS };
  const { ran, said } = await callTools(undefined, { ...options, guard: true });
  assert.equal(said.length, CALLS.length * Object.keys(CLIENTS).length, ran.stderr);
  for (const [client, [, , over]] of Object.entries(CLIENTS)) {
    const [echo, wrong, endless] = ['echo', 'wrong', 'endless'].map((tool) =>
      traceOf(`${client}: ${tool}`, ran).find(({ event_type }) => event_type === 'mcp_tool_call'),
    );
    assert.equal(echo?.action_taken, 'OBSERVED', client);
    assert.deepEqual([echo?.mcp_server, echo?.outcome], ['test-server', 'ok'], client);
    assert.ok((echo?.bytes_sent ?? 0) > 0 && (echo?.bytes_received ?? 0) > 0);
    assert.equal(wrong?.error_code, 'TOOL_ERROR');
    assert.match(endless?.outcome ?? '', /timeout|aborted/);
    const transport = over === 'sse' ? 'sse' : over.endsWith('stdio') ? 'stdio' : 'http';
    assert.equal(echo?.mcp_transport, transport);
    assert.equal(echo?.target_host, transport === 'stdio' ? undefined : '127.0.0.1');
  }
  assert.equal(toolRecords(ran).length, said.length);
  const alone = await callTools(undefined, { clients: { stdio: CLIENTS.stdio }, calls: CALLS });
  assert.deepEqual(toolRecords(alone.ran), []);
  assert.ok(alone.ran.records.some(({ event_type }) => event_type === 'process_exec'));
});

test('under a policy a client that was handed over is judged and recorded once', async () => {
  const { ran, said, reached } = await callTools(
    { tools: { blocked: [{ tool: 'delete_*', server: 'test-server' }] } },
    { clients: CLIENTS, calls: CALLS, guard: true },
  );
  const clients = Object.keys(CLIENTS);
  assert.deepEqual(
    said.filter(({ tool }) => tool === 'delete_all').map(({ code }) => code),
    clients.map(() => 'BLOCKED_TOOL'),
  );
  assert.ok(!reached.includes('delete_all'));
  assert.equal(toolRecords(ran).length, said.length);
});

type Said = { same: boolean; said: unknown[]; reached: string[]; none: string[] };

test('over any transport, connected before or after, and whatever the class of the client', async () => {
  const policy = { v: 1, version: 1, tools: { blocked: ['delete'] } };
  const ran = await runEnforced('enforced/mcp-memory.mjs', policy);
  const [said] = linesOf<Said>(ran);
  assert.deepEqual(said?.said, ['hi', 'BLOCKED_TOOL', 'hi', 'BLOCKED_TOOL', 'hi'], ran.stderr);
  assert.deepEqual(said.reached, ['echo', 'echo', 'delete'], 'after shutdown() nothing is refused');
  assert.equal(said.same, true);
  assert.deepEqual(
    toolRecords(ran).map((each) => [
      each.tool_name,
      each.mcp_transport,
      each.mcp_server,
      each.target_host,
      each.target_port,
      each.outcome,
    ]),
    [
      ['echo', 'stdio', 'memory', undefined, undefined, 'ok'],
      ['delete', 'stdio', 'memory', undefined, undefined, undefined],
      ['echo', 'http', 'memory', 'tools.example', 8080, 'ok'],
      ['delete', 'http', 'memory', 'tools.example', 8080, undefined],
    ],
  );
  for (const each of said.none)
    assert.equal(
      each,
      'TypeError: guardMcp: the argument is no client of MCP, for it has no connect()',
    );
});
