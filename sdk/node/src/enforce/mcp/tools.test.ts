import assert from 'node:assert/strict';
import { test } from 'node:test';
import { traceOf } from '../testing/run-enforced.ts';
import { callTools, type McpCall, type McpClient, toolRecords } from '../testing/tool-servers.ts';

const SDK = '@modelcontextprotocol/sdk';
const OVER: Readonly<Record<string, McpClient>> = {
  stdio: [SDK, 'esm', 'stdio'],
  http: [SDK, 'cjs', 'mcp'],
  json: [SDK, 'esm', 'json'],
  sse: [SDK, 'esm', 'sse'],
};
const { stdio, http } = OVER as { stdio: McpClient; http: McpClient };

const CALLS: readonly McpCall[] = [
  ['callTool', 'wrong'],
  ['callTool', 'invalid'],
  ['in a hurry', 'endless'],
  ['aborted', 'endless'],
  ['with progress', 'steps'],
];

test('how a call ended is recorded over every transport: an error of the tool, of the protocol, a timeout, an abort', async () => {
  const { ran, said } = await callTools({}, { clients: OVER, calls: CALLS });
  assert.equal(said.length, CALLS.length * Object.keys(OVER).length, ran.stderr);
  for (const client of Object.keys(OVER)) {
    const ends = ['wrong', 'invalid', 'endless', 'steps'].map((tool) =>
      traceOf(`${client}: ${tool}`, ran).find(({ event_type }) => event_type === 'mcp_tool_call'),
    );
    assert.deepEqual(
      ends.map((end) => [end?.outcome, end?.error_code]),
      [
        ['error', 'TOOL_ERROR'],
        ['error', 'JSONRPC_32602'],
        ['timeout', 'REQUEST_TIMEOUT'],
        ['ok', undefined],
      ],
      client,
    );
    for (const end of ends) {
      assert.equal(end?.action_taken, 'ALLOWED');
      assert.equal(end?.mcp_server, 'test-server');
      assert.ok((end?.duration_us ?? 0) > 0);
    }
  }
  const aborted = toolRecords(ran).filter(({ outcome }) => outcome === 'aborted');
  assert.equal(aborted.length, Object.keys(OVER).length);
  assert.ok(aborted.every(({ tool_name }) => tool_name === 'endless'));
  assert.equal(toolRecords(ran).length, said.length, 'one record a call');
});

test('calls that are made at the same time, by several clients of several versions, are told apart', async () => {
  const clients: Readonly<Record<string, McpClient>> = {
    ...OVER,
    stateless: [SDK, 'esm', 'stateless'],
    older: ['mcp-sdk-1.12', 'cjs', 'stateless'],
    newer: ['@modelcontextprotocol/client', 'esm', 'stateless'],
  };
  const { ran, said } = await callTools(
    {},
    { clients, calls: [['twenty at once', 'echo']], atOnce: true },
  );
  assert.deepEqual(new Set(said.map(({ text }) => text)), new Set(['true']), ran.stderr);
  for (const client of Object.keys(clients)) {
    const calls = traceOf(`${client}: echo`, ran).filter(
      ({ event_type }) => event_type === 'mcp_tool_call',
    );
    assert.equal(calls.length, 20, client);
    // Each text is one longer than the one before, and so are its call and its answer.
    for (const side of ['bytes_sent', 'bytes_received'] as const)
      assert.ok(new Set(calls.map((each) => each[side])).size >= 19, `${client} ${side}`);
    assert.ok(calls.every(({ outcome, mcp_server }) => outcome === 'ok' && mcp_server));
  }
});

test('a call that is made of two in one batch is refused whole, and a record of each says so', async () => {
  const clients = { stdio, http };
  const calls: readonly McpCall[] = [['by the transport', 'delete_all']];
  const { ran, said, reached } = await callTools(
    { tools: { blocked: ['delete_*'] } },
    { clients, calls },
  );
  assert.deepEqual(
    said.map(({ code }) => code),
    ['BLOCKED_TOOL', 'BLOCKED_TOOL'],
  );
  assert.deepEqual(reached, []);
  for (const client of ['stdio', 'http'])
    assert.deepEqual(
      traceOf(`${client}: delete_all`, ran)
        .filter(({ event_type }) => event_type === 'mcp_tool_call')
        .map(({ tool_name, action_taken, outcome }) => [tool_name, action_taken, outcome]),
      [
        ['delete_all', 'BLOCKED_TOOL', undefined],
        ['echo', 'ALLOWED', 'aborted'],
      ],
    );
});

test('a server that dies in the middle of a call ends it', async () => {
  const { ran, said } = await callTools({}, { clients: { stdio }, calls: [['callTool', 'dies']] });
  assert.match(said[0]?.message ?? '', /Connection closed/);
  const [record] = toolRecords(ran);
  assert.deepEqual([record?.outcome, record?.error_code], ['error', 'CONNECTION_CLOSED']);
});

test('in dry run every tool is called, and records say what would not have been', async () => {
  const { ran, said, reached } = await callTools(
    { mode: 'dry_run', tools: { blocked: [{ id: 'no-deletes', tool: 'delete_*' }] } },
    { clients: { stdio, http }, calls: [['callTool', 'delete_all']] },
  );
  assert.deepEqual(
    said.map(({ text }) => text),
    ['deleted', 'deleted'],
  );
  assert.deepEqual(reached, ['delete_all', 'delete_all']);
  assert.deepEqual(
    toolRecords(ran).map(({ action_taken, rule_id, outcome }) => [action_taken, rule_id, outcome]),
    [
      ['WOULD_BLOCK_TOOL', 'no-deletes', 'ok'],
      ['WOULD_BLOCK_TOOL', 'no-deletes', 'ok'],
    ],
  );
});

test('rules hold by the name that a server gives itself, and for the shields that they name', async () => {
  const rule = { id: 'mine', tool: 'echo', server: 'files-*', agents: ['stdio: echo'] };
  const blocked = (serverName: string) =>
    callTools(
      { tools: { blocked: [rule] } },
      {
        clients: { stdio, other: stdio },
        calls: [['callTool', 'echo', { text: 'hi' }]],
        serverName,
      },
    );
  const named = await blocked('files-1');
  assert.deepEqual(
    named.said.map(({ name, rule: by, text }) => [name, by ?? text]),
    [
      ['stdio', 'mine'],
      ['other', 'hi'],
    ],
  );
  const another = await blocked('other-1');
  assert.deepEqual(
    another.said.map(({ text }) => text),
    ['hi', 'hi'],
  );
});

test('names of tools and servers are written in the alphabet of the record, and cut, and what they are judged by is not', async () => {
  const odd = `${'x'.repeat(200)} Ünïcode "{}`;
  const { ran, said } = await callTools(
    { tools: { blocked: [{ id: 'its-end', tool: 'x*Ünïcode "{}' }] } },
    {
      clients: { stdio, http },
      calls: [
        ['callTool', odd],
        ['callTool', 'no such tool\n'],
      ],
      serverName: '  hostile\n "name" '.repeat(20),
    },
  );
  assert.deepEqual(
    said.map(({ rule, text }) => rule ?? text),
    ['its-end', 'no tool 13', 'its-end', 'no tool 13'],
  );
  const [cut, whole] = toolRecords(ran);
  assert.equal(cut?.tool_name, 'x'.repeat(128));
  assert.equal(cut?.truncated, true);
  assert.equal(whole?.tool_name, 'no_such_tool_');
  assert.match(whole?.mcp_server ?? '', /^[A-Za-z0-9._:/@+-]{128}$/);
});

test('a server over stdio is started in the trace of the shield around it, as every child', async () => {
  const { ran, said } = await callTools(
    {},
    { clients: { stdio }, calls: [['callTool', 'environment']] },
  );
  const [shield] = traceOf('stdio', ran).filter(({ event_type }) => event_type === 'shield_end');
  assert.equal(said[0]?.text, JSON.stringify(`00-${shield?.trace_id}-${shield?.span_id}-03`));
});

test('no argument, result or progress is in any record', async () => {
  const { ran } = await callTools(
    {},
    { clients: OVER, calls: [['callTool', 'echo', { text: 'c0ntent-to-be-seen-nowhere' }]] },
  );
  assert.equal(toolRecords(ran).length, 4);
  assert.ok(!JSON.stringify(ran.envelopes).includes('c0ntent'));
  assert.ok(!ran.stderr.includes('c0ntent'));
});
