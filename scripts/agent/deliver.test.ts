import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { cannotRun, count, eventually, makeWorld, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.remove());

/** Opens files that are not there, each another: none is like the one before it. */
const opens = (number: number): readonly string[] => [
  process.execPath,
  '-e',
  `const fs = require('node:fs');
   for (let at = 0; at < ${number}; at++) { try { fs.openSync('/nowhere/' + at); } catch {} }`,
];

/** Event ids that the control plane promised to keep. */
function promised(): string[] {
  const text = readFileSync(world.file('spool/receipts.ndjson'), 'utf8');
  const receipts = text.split('\n').filter((line) => line !== '');
  return receipts.flatMap((line) => {
    const found = line.match(
      /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g,
    );
    return found ?? [];
  });
}

test('kill -9 while it delivers: what was acknowledged is in the ledger once, and the gap in sight is recorded', {
  skip: cannotRun,
}, async () => {
  const server = await world.serve(0);
  const killed = await world.record('--ingest-url', server.url, '--rate', '0');
  const working = world.agent('run', '--', ...opens(30_000));
  await eventually(() => count(world.records(), { event_type: 'file_open' }) > 500);
  await killed.end('SIGKILL');
  await working;
  const next = await world.record('--ingest-url', server.url, '--rate', '0');
  assert.equal((await world.agent('run', '--', 'true')).status, 0);
  await sleep(1500);
  assert.equal(await next.end('SIGTERM'), 0, next.said());
  assert.equal(await server.end('SIGTERM'), 0);
  const records = world.records();
  const times = new Map<unknown, number>();
  for (const { event_id } of records) times.set(event_id, (times.get(event_id) ?? 0) + 1);
  assert.deepEqual(
    [...times].filter(([, number]) => number > 1),
    [],
  );
  const ids = promised();
  assert.ok(ids.length > 500);
  assert.deepEqual(
    ids.filter((id) => !times.has(id)),
    [],
  );
  assert.equal(count(records, { event_type: 'blind_interval', blind_reason: 'killed' }), 1);
  const { status, stdout } = await world.verify();
  assert.equal(status, 0, stdout);
});

/** A door that refuses whatever comes first, and hands on everything else. */
async function refuseFirst(url: string): Promise<Server> {
  let isFirst = true;
  const server = createServer(async (request, response) => {
    const body = await request.toArray();
    if (isFirst) {
      isFirst = false;
      response.writeHead(422).end('{}');
      return;
    }
    const { authorization = '', 'content-type': type = '' } = request.headers;
    const headers = { authorization, 'content-type': type };
    const init = { method: 'POST', headers, body: Buffer.concat(body) };
    const answer = await fetch(`${url}${request.url}`, init);
    response.writeHead(answer.status).end(await answer.text());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

test('a batch that is refused for good ends its session, and is told as lost in the next', {
  skip: cannotRun,
}, async () => {
  const server = await world.serve(0);
  const door = await refuseFirst(server.url);
  const { port } = door.address() as AddressInfo;
  const agent = await world.record('--ingest-url', `http://127.0.0.1:${port}`);
  await eventually(() => agent.said().includes('refused'));
  assert.equal((await world.agent('run', '--', 'true')).status, 0);
  await eventually(
    () => count(world.records(), { event_type: 'loss', loss_reason: 'refused' }) === 1,
  );
  assert.equal(await agent.end('SIGTERM'), 0);
  await server.end('SIGTERM');
  door.close();
  door.closeAllConnections();
  const { status, stdout } = await world.verify();
  assert.equal(status, 0, stdout);
  assert.ok(count(world.records(), { event_type: 'process_exec' }) > 0);
});

test('a spool that is full gives up its oldest sessions, counts them, and delivers the rest', {
  skip: cannotRun,
}, async () => {
  const nobody = 'http://127.0.0.1:9';
  const small = ['--spool-bytes', `${16 << 20}`, '--rate', '0'];
  const agent = await world.record('--ingest-url', nobody, ...small);
  // In turn, so that it is the spool that is full, and not the rings of the kernel.
  for (let turn = 0; turn < 5; turn++)
    assert.equal((await world.agent('run', '--', ...opens(10_000))).status, 0);
  // Those who look at the agent see it at once, not only in the next record.
  await eventually(async () => {
    const { stdout } = await world.agent('status', '--json');
    const { counters } = JSON.parse(stdout) as { counters: { lost: Record<string, number> } };
    return (counters.lost.spool_full ?? 0) > 0;
  });
  assert.equal(await agent.end('SIGTERM'), 0);
  const server = await world.serve(0);
  const next = await world.record('--ingest-url', server.url, ...small);
  await eventually(
    () => count(world.records(), { event_type: 'blind_interval', blind_reason: 'restart' }) === 1,
  );
  assert.equal(await next.end('SIGTERM'), 0);
  await server.end('SIGTERM');
  const records = world.records();
  const lost = records
    .filter(({ event_type }) => event_type === 'loss')
    .reduce((sum, { lost_events }) => sum + Number(lost_events), 0);
  assert.ok(count(records, { loss_reason: 'spool_full' }) > 0, `${lost} lost`);
  const kept = count(records, { event_type: 'file_open', error_code: 'ENOENT' });
  assert.ok(kept > 1000 && kept + lost >= 50_000, `${kept} kept, ${lost} lost`);
  const { status, stdout } = await world.verify();
  assert.equal(status, 0, stdout);
});

test('one cgroup that floods has its budget, and what is beyond it is told as lost, exactly', {
  skip: cannotRun,
}, async () => {
  const output = world.file('ledger.ndjson');
  const agent = await world.record('--output-file', output, '--rate', '10', '--burst', '500');
  assert.equal((await world.agent('run', '--', ...opens(5000))).status, 0);
  assert.equal(await agent.end('SIGTERM'), 0);
  const records = world.records();
  const losses = records.filter(({ loss_reason }) => loss_reason === 'rate_budget');
  const opened = losses.filter(({ lost_event_type }) => lost_event_type === 'file_open');
  const lost = opened.reduce((sum, { lost_events }) => sum + Number(lost_events), 0);
  assert.ok(opened.every(({ cgroup_id }) => /^[0-9a-f]{16}$/.test(String(cgroup_id))));
  const kept = records
    .filter(({ event_type }) => event_type === 'file_open')
    .reduce((sum, { count }) => sum + Number(count ?? 1), 0);
  assert.ok(kept <= 700, `${kept}`);
  assert.ok(kept + lost >= 5000 && kept + lost < 5500, `${kept} kept, ${lost} lost`);
});
