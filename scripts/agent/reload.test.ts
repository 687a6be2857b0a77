import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { cannotRun, eventually, hierarchy, makeWorld, type Running, type World } from './world.ts';

let world: World;
before(async () => {
  world = await makeWorld();
});
afterEach(() => world.endAll());
after(() => world.remove());

/** A process that is in the cgroup. */
async function enter(folder: string): Promise<ChildProcess> {
  const child = spawn('sh', ['-c', `echo $$ > ${folder}/cgroup.procs && exec sleep 60`]);
  await eventually(() => readFileSync(join(folder, 'cgroup.procs'), 'utf8') === `${child.pid}\n`);
  return child;
}

/** Removes it once its last process is gone. */
const remove = (folder: string): Promise<void> =>
  eventually(() => {
    try {
      rmdirSync(folder);
      return true;
    } catch {
      return false;
    }
  });

const READ_AGAIN = /the configuration was read again\n/;

async function reload(agent: Running, wanted: RegExp): Promise<void> {
  const before = agent.said().length;
  process.kill(agent.pid, 'SIGHUP');
  await eventually(() => wanted.test(agent.said().slice(before)));
}

async function processes(): Promise<number> {
  const { stdout } = await world.agent('status', '--json');
  return (JSON.parse(stdout) as { processes: number }).processes;
}

async function assertTakesIn(folder: string): Promise<void> {
  const child = await enter(folder);
  await eventually(async () => (await processes()) === 1);
  child.kill('SIGKILL');
  await eventually(async () => (await processes()) === 0);
}

test('SIGHUP takes cgroups in and lets them go, such as are gone and such as were made again, and a wrong list changes nothing', {
  skip: cannotRun,
}, async (context) => {
  const folder = (name: string): string =>
    join(hierarchy(), `vantio-reload-${process.pid}-${name}`);
  const [first, second] = [folder('first'), folder('second')];
  try {
    mkdirSync(first);
    mkdirSync(second);
  } catch (error) {
    context.skip(`no cgroup can be made here: ${error}`);
    return;
  }
  const config = world.file('agent.toml');
  const configure = (...cgroups: readonly string[]): void =>
    writeFileSync(config, `claims = false\ncgroups = ${JSON.stringify(cgroups)}\n`);
  configure(first);
  const agent = await world.record('--config', config);
  await assertTakesIn(first);

  await remove(first);
  configure(second);
  await reload(agent, READ_AGAIN);
  await assertTakesIn(second);

  await remove(second);
  mkdirSync(second);
  await reload(agent, READ_AGAIN);
  await assertTakesIn(second);

  configure('/nowhere');
  await reload(
    agent,
    /\/nowhere is no cgroup of the v2 hierarchy: .*; what was configured before stays\n/,
  );
  await assertTakesIn(second);

  configure();
  await reload(agent, READ_AGAIN);
  const child = await enter(second);
  assert.equal(await processes(), 0);
  child.kill('SIGKILL');
  await remove(second);
});

type Counters = { readonly recorded: number; readonly lost: { readonly rate_budget?: number } };

async function counters(): Promise<Counters> {
  const { stdout } = await world.agent('status', '--json');
  return (JSON.parse(stdout) as { counters: Counters }).counters;
}

test('SIGHUP puts another rate in force, both ways', { skip: cannotRun }, async () => {
  const config = world.file('agent.toml');
  const output = `claims = false\noutput_file = ${JSON.stringify(world.file('ledger.ndjson'))}\n`;
  const configure = (rate: number): void =>
    writeFileSync(config, `${output}rate = ${rate}\nburst = 1\n`);
  // Each open is another's: identical ones are one record.
  const OPENS = 500;
  const script = `const fs = require('node:fs');
    for (let at = 0; at < ${OPENS}; at++) { try { fs.openSync('/nowhere/' + at); } catch {} }`;
  const flood = async (): Promise<void> => {
    const { status, stderr } = await world.agent('run', '--', process.execPath, '-e', script);
    assert.equal(status, 0, stderr);
  };

  configure(0);
  const agent = await world.record('--config', config);
  await flood();
  await eventually(async () => (await counters()).recorded >= OPENS);
  assert.deepEqual((await counters()).lost, {});

  configure(1);
  await reload(agent, READ_AGAIN);
  await flood();
  // One each second is kept.
  await eventually(async () => ((await counters()).lost.rate_budget ?? 0) >= OPENS / 2);

  configure(0);
  await reload(agent, READ_AGAIN);
  const { recorded } = await counters();
  await flood();
  await eventually(async () => (await counters()).recorded >= recorded + OPENS);
  assert.equal(await agent.end('SIGTERM'), 0);
});
