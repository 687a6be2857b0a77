import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cannotRun, eventually, makeWorld, type World } from '../world.ts';
import { type Kind, type TruthfulServer, truthfulServer } from './servers.ts';

const CLIENT = fileURLToPath(new URL('client.mjs', import.meta.url));
const NODES = ['20', '22', '24', '26'] as const;
/** Each client, what it speaks to, and whether what it gives to TLS is looked at, too. */
const CLIENTS: readonly (readonly [string, Kind])[] = [
  ['fetch', 'http'],
  ['fetch', 'https'],
  ['undici', 'http'],
  ['undici, HTTP/2', 'http2-tls'],
  ['http/1', 'http'],
  ['https', 'https'],
  ['http2', 'http2'],
  ['http2', 'http2-tls'],
  ['ws', 'ws'],
  ['net, bare', 'tcp'],
  ['tls, bare', 'tls'],
];
const WAYS = ['one', 'turns', 'together'] as const;
const TABLE = /(<!-- table:connections -->\n)[\s\S]*?(<!-- end -->)/;

const worlds: World[] = [];
const opened: TruthfulServer[] = [];
after(async () => {
  // Those of a test that failed are still open, and this process would never end.
  for (const server of opened) server.close();
  for (const world of worlds) await world.remove();
});

async function newWorld(): Promise<World> {
  const world = await makeWorld();
  worlds.push(world);
  return world;
}

async function newServer(...how: Parameters<typeof truthfulServer>): Promise<TruthfulServer> {
  const server = await truthfulServer(...how);
  opened.push(server);
  return server;
}

/** What other programs of this machine say of themselves must not fill the rings. */
const recordIn = (world: World) => {
  const output = ['--output-file', world.file('ledger.ndjson')];
  return world.record(...output, '--rate', '0', '--claims', 'false');
};

/**
 * Runs a client of one runtime against servers, by the ways in which it is to use them.
 * @param before words that the client's words follow. @returns the trace of its own.
 */
async function runClient(
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

type Rec = Readonly<Record<string, unknown>>;
type Cell = { readonly text: string; readonly wrong: readonly string[] };

const trace = (digit: string): string => digit.repeat(32);

/** What a record of a connection says, and whether that is not so. `used`: the traces that it was really used in. */
function judge(record: Rec | undefined, used: readonly string[], own: string): Cell {
  if (record === undefined) return { text: 'not observed', wrong: [] };
  const { trace_origin: origin, trace_id: id, span_id: span } = record;
  const traces = new Set(used.map(trace));
  const isTrue =
    origin === 'exact'
      ? traces.has(String(id)) && (record.event_type === 'net_connect' || traces.size === 1)
      : origin === 'connection'
        ? traces.has(String(id)) && span === undefined
        : id === own && span === undefined;
  const isItsSpan = span === undefined || String(id).startsWith(String(span));
  const said = `${record.event_type} of ${used.join()}: ${origin} ${id} ${span}`;
  return { text: String(origin), wrong: isTrue && isItsSpan ? [] : [said] };
}

/** All connections of one way of use to one cell: `connect, close`, once if they are the same. */
function cellOf(server: TruthfulServer, records: readonly Rec[], own: string): Cell {
  const texts = new Set<string>();
  const wrong: string[] = [];
  for (const [port, used] of server.used) {
    const its = records.filter(({ local_port }) => local_port === port);
    const cells = ['net_connect', 'net_close'].map((type) =>
      judge(
        its.find(({ event_type }) => event_type === type),
        used,
        own,
      ),
    );
    const [made, ended] = cells.map(({ text }) => text);
    texts.add(made === ended ? `${made}` : `${made}, then ${ended}`);
    wrong.push(...cells.flatMap((cell) => cell.wrong));
  }
  if (server.used.size === 0) texts.add('not run');
  return { text: [...texts].sort().join('; '), wrong };
}

test('each connection has the trace of the span that used it, or a weaker one, never a wrong one', {
  skip: cannotRun,
}, async () => {
  const world = await newWorld();
  const agent = await recordIn(world);
  const rows: {
    readonly name: string;
    readonly own: string;
    readonly servers: readonly TruthfulServer[];
  }[] = [];
  for (const version of NODES)
    for (const [client, kind] of CLIENTS) {
      const servers = await Promise.all(WAYS.map(() => newServer(kind)));
      const byWay = Object.fromEntries(servers.map((server, at) => [WAYS[at] ?? '', server]));
      const own = await runClient(world, version, client, byWay);
      rows.push({ name: `| Node ${version} | ${client} (${kind}) |`, own, servers });
    }
  await sleep(3000);
  await eventually(() => world.records().some(({ event_type }) => event_type === 'net_close'));
  assert.equal(await agent.end('SIGTERM'), 0, agent.said());
  const records = world.records();
  const lines: string[] = [];
  const wrong: string[] = [];
  for (const { name, own, servers } of rows) {
    const cells = servers.map((server) =>
      cellOf(
        server,
        records.filter(({ target_port }) => target_port === server.port),
        own,
      ),
    );
    lines.push(`${name} ${cells.map(({ text }) => text).join(' | ')} |`);
    wrong.push(...cells.flatMap((cell) => cell.wrong.map((what) => `${name} ${what}`)));
  }
  assert.deepEqual(wrong, [], 'wrong traces, which are worse than none');
  compareOrWrite(lines);
  const { status, stdout } = await world.verify();
  assert.equal(status, 0, stdout);
});

test('a process that starts and makes its first connection while the agent has no time is joined like any other', {
  skip: cannotRun,
}, async () => {
  const world = await newWorld();
  const agent = await recordIn(world);
  // The answer comes late enough for the agent to find the process alive.
  const server = await newServer('http', () => sleep(1000));
  const stop = ['sh', '-c', 'kill -STOP "$0" && exec "$@"', `${agent.pid}`];
  const ran = runClient(world, '24', 'fetch', { one: server }, stop);
  await eventually(() => server.used.size > 0);
  process.kill(agent.pid, 'SIGCONT');
  const own = await ran;
  await sleep(3000);
  assert.equal(await agent.end('SIGTERM'), 0, agent.said());
  assert.deepEqual(cellOf(server, world.records(), own), { text: 'exact', wrong: [] });
});

/** How many files the agent has probed: libraries, and programs that have one inside. */
async function probed(world: World): Promise<number> {
  const { stdout } = await world.agent('status', '--json');
  return (JSON.parse(stdout) as { tls: { files: number } }).tls.files;
}

/** A server that answers when the agent has probed another file than it had until now. */
async function patientServer(world: World, kind: Kind): Promise<TruthfulServer> {
  const before = await probed(world);
  return newServer(kind, () => eventually(async () => (await probed(world)) > before));
}

/** What the process that spoke to this port gave to TLS: traces, spans and hosts. */
function givenToTls(records: readonly Rec[], port: number): readonly string[] {
  const pid = records.find(({ target_port }) => target_port === port)?.host_pid;
  assert.ok(pid !== undefined, `nobody was seen to connect to ${port}`);
  const writes = records.filter(
    ({ event_type, host_pid }) => event_type === 'tls_write' && host_pid === pid,
  );
  const said = writes.map(
    ({ trace_origin, trace_id, span_id, target_host }) =>
      `${trace_origin} ${trace_id} ${span_id} ${target_host}`,
  );
  return [...new Set(said)];
}

test('what is given to TLS has the trace of the connections where all carry one, and else that of its process', {
  skip: cannotRun,
}, async () => {
  const world = await newWorld();
  const agent = await recordIn(world);
  const runs: {
    readonly name: string;
    readonly way: 'one' | 'together';
    readonly port: number;
    readonly own: string;
  }[] = [];
  for (const version of NODES) {
    // The agent is to know this program: what it is given before that is the next test's.
    await runClient(world, version, 'http/1', { one: await patientServer(world, 'http') });
    for (const way of ['one', 'together'] as const) {
      const server = await newServer('https');
      const own = await runClient(world, version, 'https', { [way]: server });
      runs.push({ name: `Node ${version}, ${way}`, way, port: server.port, own });
    }
  }
  await sleep(4000);
  assert.equal(await agent.end('SIGTERM'), 0, agent.said());
  const records = world.records();
  const found = runs.map(({ name, port }) => [name, givenToTls(records, port)]);
  const wanted = runs.map(({ name, way, own }) => {
    const joined = way === 'one' ? `exact ${trace('a')} ${'a'.repeat(16)}` : undefined;
    return [name, [`${joined ?? `process_level ${own} undefined`} localhost`]];
  });
  assert.deepEqual(found, wanted);
});

test('what a session was given that began before the agent knew its program is of its process, and of no connection', {
  skip: cannotRun,
}, async () => {
  const world = await newWorld();
  const agent = await recordIn(world);
  // The first request is given to TLS with nobody looking, the second when all is probed.
  const server = await patientServer(world, 'https');
  const stop = ['sh', '-c', 'kill -STOP "$0" && exec "$@"', `${agent.pid}`];
  const ran = runClient(world, '24', 'https', { one: server }, stop);
  await eventually(() => server.used.size > 0);
  process.kill(agent.pid, 'SIGCONT');
  const own = await ran;
  await sleep(4000);
  assert.equal(await agent.end('SIGTERM'), 0, agent.said());
  const wanted = [`process_level ${own} undefined undefined`];
  assert.deepEqual(givenToTls(world.records(), server.port), wanted);
});

function compareOrWrite(lines: readonly string[]): void {
  const page = 'agent/ATTRIBUTION.md';
  const text = readFileSync(page, 'utf8');
  const head =
    '| runtime | client | one trace | one after the other | two at once |\n| --- | --- | --- | --- | --- |\n';
  const made = `${head}${lines.join('\n')}\n`;
  if (process.env.VANTIO_WRITE_TABLES !== undefined)
    writeFileSync(
      page,
      text.replace(TABLE, (_, begin, end) => `${begin}${made}${end}`),
    );
  else assert.ok(text.includes(made), `${page} does not say what was found:\n${made}`);
}
