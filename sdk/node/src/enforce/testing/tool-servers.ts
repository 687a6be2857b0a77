import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { membersOf, messagesIn } from '../../mcp/json-rpc.ts';
import { fixturePath, type RunOptions, scratch } from '../../testing/run-agent.ts';
import { CLIENTS, type Enforced, linesOf, runEnforced } from './run-enforced.ts';

/** Package, form of its modules, and what the server is reached over: a path of fixtures/enforced/mcp-server.mjs, or stdio. */
export type McpClient = readonly [name: string, form: 'esm' | 'cjs', over: string];
/** How it is called, the tool, and its arguments: see fixtures/enforced/mcp.mjs. */
export type McpCall = readonly [how: string, tool: string, args?: object];

export type Said = {
  readonly name: string;
  readonly tool: string;
  readonly text?: string;
  readonly code?: string | number;
  readonly rule?: string;
  readonly trace?: string;
  readonly message?: string;
  readonly reason?: string;
  /** The client could not even connect. */
  readonly failed?: string;
};

export type Called = {
  readonly ran: Enforced;
  readonly said: readonly Said[];
  /** Names of the tools whose calls reached a server, as it wrote them down itself. */
  readonly reached: readonly string[];
  /** What else was written down of them. */
  readonly bodies: string;
  readonly port: number;
};

type Options = {
  readonly clients: Readonly<Record<string, McpClient>>;
  readonly calls: readonly McpCall[];
  readonly guard?: boolean;
  /** All clients work at the same time. */
  readonly atOnce?: boolean;
  /** What the servers over stdio call themselves. */
  readonly serverName?: string;
  /** Port of a server of the test's own, in place of fixtures/enforced/mcp-server.mjs. */
  readonly at?: number;
} & Pick<RunOptions, 'env'>;

/** A server in a process of its own, which nothing of ours is in. */
export async function startToolServer(log: string) {
  const server = spawn(process.execPath, [fixturePath('enforced/mcp-server.mjs'), 'http', log], {
    env: { PATH: process.env.PATH, CLIENTS },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(server.stdout, 'data')) as [Buffer];
  return { port: Number(line), stop: () => server.kill() };
}

/** Runs fixtures/enforced/mcp.mjs under a policy; without one it is only preloaded. */
export async function callTools(policy: object | undefined, options: Options): Promise<Called> {
  const { clients, calls, guard = false, atOnce = false, serverName, env = {} } = options;
  const log = join(scratch(), 'reached.ndjson');
  writeFileSync(log, '');
  const server = options.at === undefined ? await startToolServer(log) : undefined;
  const port = options.at ?? server?.port ?? 0;
  const argument = JSON.stringify({ port, log, clients, calls, guard, atOnce, name: serverName });
  const ran = await runEnforced(
    'enforced/mcp.mjs',
    policy === undefined ? undefined : { v: 1, version: 1, ...policy },
    { args: [argument], env },
  );
  server?.stop();
  const bodies = readFileSync(log, 'utf8');
  return { ran, said: linesOf<Said>(ran), reached: toolsIn(bodies), bodies, port };
}

const toolsIn = (bodies: string): readonly string[] =>
  bodies
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => messagesIn(JSON.parse(line)))
    .filter(({ method }) => method === 'tools/call')
    .map(({ params }) => String(membersOf(params).name));

export const toolRecords = ({ records }: Pick<Enforced, 'records'>) =>
  records.filter(({ event_type }) => event_type === 'mcp_tool_call');
