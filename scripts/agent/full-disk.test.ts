import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { cannotRun, count, eventually, freePort, makeWorld, type World } from './world.ts';

const MIB = 2 ** 20;

let world: World;
let disk: string;
beforeEach(async () => {
  if (cannotRun !== false) return;
  world = await makeWorld();
  disk = world.file('disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m,mode=700', 'none', disk]);
});
afterEach(async () => {
  if (cannotRun !== false) return;
  // The agent is gone before its disk.
  await world.endAll();
  execFileSync('umount', [disk]);
  await world.remove();
});

type Counters = {
  readonly queued: number;
  readonly lost: Readonly<Record<string, number>>;
  readonly fault: string | null;
};

async function counters(): Promise<Counters> {
  const { stdout } = await world.agent('status', '--json');
  return (JSON.parse(stdout) as { counters: Counters }).counters;
}

/** Opens files that are not there, each another. */
async function flood(number: number): Promise<void> {
  const script = `const fs = require('node:fs');
    for (let at = 0; at < ${number}; at++) { try { fs.openSync('/nowhere/' + at); } catch {} }`;
  const { status } = await world.agent('run', '--', process.execPath, '-e', script);
  assert.equal(status, 0);
}

function records(folder: string): readonly Record<string, unknown>[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ndjson') && !name.includes('disclosures'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { record: Record<string, unknown> }).record);
}

/** All opens are in records of their own, or among those that a record says are lost; others on this machine may have made more. */
function assertAccounted(written: readonly Record<string, unknown>[], opens: number): void {
  const sum = (type: string, member: string): number =>
    written
      .filter(({ event_type }) => event_type === type)
      .reduce((all, record) => all + Number(record[member] ?? 1), 0);
  const [kept, lost] = [sum('file_open', 'count'), sum('loss', 'lost_events')];
  assert.ok(kept + lost >= opens, `${kept} kept and ${lost} lost, of ${opens}`);
  assert.ok(count(written, { event_type: 'loss', loss_reason: 'spool_full' }) > 0);
}

test('a full disk under the ledger: said in one sentence, counted, and written again when there is room', {
  skip: cannotRun,
}, async () => {
  const ballast = join(disk, 'ballast');
  writeFileSync(ballast, Buffer.alloc(15.75 * MIB));
  const output = ['--output-file', join(disk, 'ledger.ndjson'), '--rate', '0'];
  const listen = `127.0.0.1:${await freePort()}`;
  const agent = await world.record(...output, '--listen', listen);
  const ready = (): Promise<Response> => fetch(`http://${listen}/readyz`);
  await flood(5000);
  await eventually(async () => (await counters()).fault !== null);
  const full = await world.agent('status');
  assert.equal(full.status, 1);
  const unready = await ready();
  assert.equal(unready.status, 503);
  assert.match(await unready.text(), /No space left on device/);
  assert.match(
    full.stdout,
    /^fault +\S+ledger\.ndjson cannot be written: No space left on device/m,
  );
  const sentences = agent.said().match(/^.*No space left on device.*$/gm) ?? [];
  assert.equal(sentences.length, 1, agent.said());
  assert.match(sentences[0] ?? '', /events are counted as lost until it can be$/);
  await flood(1000);
  await eventually(async () => ((await counters()).lost.spool_full ?? 0) >= 1000);
  // Whatever is tried in vain leaves nothing behind.
  const names = readdirSync(disk).filter((name) => name.includes('.w-'));
  assert.ok(names.length <= 4, names.join(' '));

  rmSync(ballast);
  await flood(100);
  await eventually(async () => {
    const { fault, queued } = await counters();
    return fault === null && queued === 0;
  });
  assert.equal((await world.agent('status')).status, 0);
  assert.equal((await ready()).status, 200);
  assert.equal(await agent.end('SIGTERM'), 0, agent.said());
  assertAccounted(records(disk), 6100);
});

test('a full disk under the spool: what was acknowledged stays, the rest is counted, and delivery goes on', {
  skip: cannotRun,
}, async () => {
  const ballast = join(disk, 'ballast');
  writeFileSync(ballast, Buffer.alloc(15.75 * MIB));
  const server = await world.serve(0);
  const spool = ['--ingest-url', server.url, '--spool-dir', join(disk, 'spool'), '--rate', '0'];
  const agent = await world.record(...spool);
  await flood(5000);
  await eventually(async () => ((await counters()).lost.spool_full ?? 0) > 0);
  assert.match(agent.said(), /the spool cannot be written: No space left on device/);
  rmSync(ballast);
  await flood(100);
  await eventually(async () => (await counters()).fault === null);
  await eventually(() => count(world.records(), { loss_reason: 'spool_full' }) > 0);
  assert.equal(await agent.end('SIGTERM'), 0, agent.said());
  assert.equal(await server.end('SIGTERM'), 0);
  const text = readFileSync(join(disk, 'spool/receipts.ndjson'), 'utf8');
  const ids = text.match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? [];
  const kept = new Set(world.records().map(({ event_id }) => event_id));
  assert.ok(ids.length > 0);
  assertAccounted(world.records(), 5100);
  assert.deepEqual(
    ids.filter((id) => !kept.has(id)),
    [],
  );
  const { status, stdout } = await world.verify();
  assert.equal(status, 0, stdout);
});
