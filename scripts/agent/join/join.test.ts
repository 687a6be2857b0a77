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
/** Rows, of all, that may fall short on a busy machine. */
const MAX_WEAKER = 3;
const TABLE = /(<!-- table:connections -->\n)[\s\S]*?(<!-- end -->)/;

const worlds: World[] = [];
after(async () => {
  for (const world of worlds) await world.remove();
});

async function newWorld(): Promise<World> {
  const world = await makeWorld();
  worlds.push(world);
  return world;
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
      const servers = await Promise.all(WAYS.map(() => truthfulServer(kind)));
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
  const server = await truthfulServer('http', 1000);
  const stop = ['sh', '-c', 'kill -STOP "$0" && exec "$@"', `${agent.pid}`];
  const ran = runClient(world, '24', 'fetch', { one: server }, stop);
  await eventually(() => server.used.size > 0);
  process.kill(agent.pid, 'SIGCONT');
  const own = await ran;
  await sleep(3000);
  assert.equal(await agent.end('SIGTERM'), 0, agent.said());
  assert.deepEqual(cellOf(server, world.records(), own), { text: 'exact', wrong: [] });
});

test('what is given to TLS has the trace of the connections where all carry one, and else that of its process', {
  skip: cannotRun,
}, async () => {
  const world = await newWorld();
  const agent = await recordIn(world);
  const runs: {
    readonly version: string;
    readonly way: 'one' | 'together';
    readonly port: number;
    readonly own: string;
  }[] = [];
  for (const version of NODES)
    for (const way of ['one', 'together'] as const) {
      const server = await truthfulServer('https');
      const own = await runClient(world, version, 'https', { [way]: server });
      runs.push({ version, way, port: server.port, own });
    }
  await sleep(4000);
  assert.equal(await agent.end('SIGTERM'), 0, agent.said());
  const records = world.records();
  let exact = 0;
  for (const { version, way, port, own } of runs) {
    const pid = records.find(({ target_port }) => target_port === port)?.host_pid;
    assert.ok(pid !== undefined);
    const writes = records.filter(
      ({ event_type, host_pid }) => event_type === 'tls_write' && host_pid === pid,
    );
    const said = writes.map((one) => `${one.trace_origin} ${one.trace_id} ${one.span_id}`);
    const wanted =
      way === 'one' ? `exact ${trace('a')} ${'a'.repeat(16)}` : `process_level ${own} undefined`;
    // Not joined is allowed, for not all is heard in time; another trace, or another span, is not.
    const weaker = `process_level ${own} undefined`;
    assert.ok(said.length > 0, `Node ${version}, ${way}`);
    assert.deepEqual(
      said.filter((one) => one !== wanted && one !== weaker),
      [],
      `Node ${version}, ${way}`,
    );
    if (way === 'one' && said.every((one) => one === wanted)) exact++;
  }
  assert.ok(exact >= 2, `joined on ${exact} of ${NODES.length} versions`);
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
  else {
    const others = lines.filter((line) => !text.includes(`${line}\n`));
    const isWeaker = others.every((line) => line.includes('process_level'));
    assert.ok(
      isWeaker && others.length <= MAX_WEAKER,
      `${page} does not say what was found:\n${made}`,
    );
  }
}
