import type { Row } from '../coverage-table.ts';
import { traceOf } from './run-enforced.ts';
import { type Called, callTools, type McpClient } from './tool-servers.ts';

const V1 = '@modelcontextprotocol/sdk';
const V1_OLD = 'mcp-sdk-1.12';
const V2 = '@modelcontextprotocol/client';

/** Several installed versions in one process, as modules of both kinds, over every transport. */
export const MCP_CLIENTS: Readonly<Record<string, McpClient>> = {
  'MCP SDK 1.32 over stdio': [V1, 'esm', 'stdio'],
  'MCP SDK 1.32, required, over stdio': [V1, 'cjs', 'stdio'],
  'MCP SDK 1.32 over Streamable HTTP': [V1, 'esm', 'mcp'],
  'MCP SDK 1.32, required, over Streamable HTTP': [V1, 'cjs', 'mcp'],
  'MCP SDK 1.32 over Streamable HTTP, answers as JSON': [V1, 'esm', 'json'],
  'MCP SDK 1.32 over Streamable HTTP without sessions': [V1, 'esm', 'stateless'],
  'MCP SDK 1.32 over SSE': [V1, 'esm', 'sse'],
  'MCP SDK 1.32, required, over SSE': [V1, 'cjs', 'sse'],
  'MCP SDK 1.12 over stdio': [V1_OLD, 'esm', 'stdio'],
  'MCP SDK 1.12, required, over Streamable HTTP': [V1_OLD, 'cjs', 'mcp'],
  'MCP SDK 1.12 over SSE': [V1_OLD, 'esm', 'sse'],
  'MCP SDK 2.4 over stdio': [V2, 'esm', 'stdio'],
  'MCP SDK 2.4, required, over Streamable HTTP': [V2, 'cjs', 'mcp'],
  'MCP SDK 2.4 over SSE': [V2, 'esm', 'sse'],
  'MCP SDK 2.4 with the protocol of 2026, over stdio': [V2, 'cjs', 'modern stdio'],
  'MCP SDK 2.4 with the protocol of 2026, over Streamable HTTP': [V2, 'esm', 'modern'],
};

/** Calls a tool that policy allows and one that it does not, with every client. */
export const callEachTool = (): Promise<Called> =>
  callTools(
    { tools: { allowed: [{ id: 'only-echo', tool: 'echo', server: 'test-*' }, 'wrong'] } },
    {
      clients: MCP_CLIENTS,
      calls: [
        // Of the protocol of 2026 the first answer tells who the server is.
        ['callTool', 'wrong'],
        ['callTool', 'echo', { text: 'hi' }],
        ['callTool', 'delete_all', {}],
        ['request', 'delete_all', {}],
      ],
    },
  );

const yes = (holds: boolean): 'yes' | 'missed' => (holds ? 'yes' : 'missed');

export const toolRows = (called: Called): readonly Row[] =>
  Object.keys(MCP_CLIENTS).map((client) => ({
    client,
    seen: seen(client, called),
    blocked: blocked(client, called),
    rewritten: '—',
    'usage read': '—',
    'trace attributed': yes(
      recordOf(client, 'echo', called) !== undefined &&
        recordOf(client, 'delete_all', called) !== undefined,
    ),
  }));

const recordOf = (client: string, tool: string, { ran }: Called) =>
  traceOf(`${client}: ${tool}`, ran).find(({ event_type }) => event_type === 'mcp_tool_call');

function seen(client: string, called: Called): 'yes' | 'missed' {
  const record = recordOf(client, 'echo', called);
  const said = called.said.find(({ name, tool }) => name === client && tool === 'echo');
  return yes(
    said?.text === 'hi' &&
      record?.action_taken === 'ALLOWED' &&
      record.mcp_server === 'test-server' &&
      record.outcome === 'ok' &&
      (record.bytes_sent ?? 0) > 0 &&
      (record.bytes_received ?? 0) > 0 &&
      (record.mcp_transport === 'stdio' || record.target_port === called.port),
  );
}

function blocked(client: string, called: Called): 'yes' | 'missed' {
  const refusals = called.said.filter(({ name, tool }) => name === client && tool === 'delete_all');
  const record = recordOf(client, 'delete_all', called);
  return yes(
    refusals.length > 0 &&
      refusals.every(({ code, rule }) => code === 'BLOCKED_TOOL' && rule === 'tools.allowed') &&
      !called.reached.includes('delete_all') &&
      record?.action_taken === 'BLOCKED_TOOL',
  );
}
