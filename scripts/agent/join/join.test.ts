import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { cannotRun, eventually } from '../world.ts';
import {
  NODES,
  newServer,
  newWorld,
  type Rec,
  recordIn,
  runClient,
  trace,
  withoutTime,
} from './running.ts';
import type { Kind, TruthfulServer } from './servers.ts';

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

type Cell = { readonly text: string; readonly wrong: readonly string[] };

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
  const ran = runClient(world, '24', 'fetch', { one: server }, withoutTime(agent));
  await eventually(() => server.used.size > 0);
  process.kill(agent.pid, 'SIGCONT');
  const own = await ran;
  await sleep(3000);
  assert.equal(await agent.end('SIGTERM'), 0, agent.said());
  assert.deepEqual(cellOf(server, world.records(), own), { text: 'exact', wrong: [] });
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
