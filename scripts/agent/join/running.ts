import assert from 'node:assert/strict';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makeWorld, type Running, type World } from '../world.ts';
import { type TruthfulServer, truthfulServer } from './servers.ts';

const CLIENT = fileURLToPath(new URL('client.mjs', import.meta.url));
export const NODES = ['20', '22', '24', '26'] as const;

export type Rec = Readonly<Record<string, unknown>>;

export const trace = (digit: string): string => digit.repeat(32);

const worlds: World[] = [];
const opened: TruthfulServer[] = [];
after(async () => {
  // Those of a test that failed are still open, and this process would never end.
  for (const server of opened) server.close();
  for (const world of worlds) await world.remove();
});

export async function newWorld(): Promise<World> {
  const world = await makeWorld();
  worlds.push(world);
  return world;
}

export async function newServer(
  ...how: Parameters<typeof truthfulServer>
): Promise<TruthfulServer> {
  const server = await truthfulServer(...how);
  opened.push(server);
  return server;
}

/** What other programs of this machine say of themselves must not fill the rings. */
export const recordIn = (world: World): Promise<Running> => {
  const output = ['--output-file', world.file('ledger.ndjson')];
  return world.record(...output, '--rate', '0', '--claims', 'false');
};

/**
 * Runs a client of one runtime against servers, by the ways in which it is to use them.
 * @param before words that the client's words follow. @returns the trace of its own.
 */
export async function runClient(
  world: World,
  version: string,
  client: string,
  servers: Readonly<Record<string, TruthfulServer>>,
  before: readonly string[] = [],
): Promise<string> {
  const node = process.env[`VANTIO_NODE${version}`];
  assert.ok(node, `VANTIO_NODE${version} names no Node ${version}`);
  const addresses = Object.fromEntries(Object.entries(servers).map(([way, { url }]) => [way, url]));
  const settings = ['NODE_TLS_REJECT_UNAUTHORIZED=0', 'NODE_NO_WARNINGS=1'];
  const words = [...before, node, CLIENT, client, JSON.stringify(addresses)];
  const ran = await world.agent('run', '--', 'env', ...settings, ...words);
  assert.equal(ran.status, 0, `Node ${version}, ${client}: ${ran.stderr}`);
  for (const server of Object.values(servers)) server.close();
  return ran.stdout.trim();
}

/** Words before a client's, for an agent that has no time from before the client starts until it gets `SIGCONT`. */
export const withoutTime = (agent: Running): readonly string[] => [
  'sh',
  '-c',
  'kill -STOP "$0" && exec "$@"',
  `${agent.pid}`,
];
