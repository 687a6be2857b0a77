import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { cannotRun, eventually, hierarchy, makeWorld, type World } from './world.ts';

let world: World;
before(async () => {
  world = await makeWorld();
});
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
  const reload = async (wanted: RegExp): Promise<void> => {
    const before = agent.said().length;
    process.kill(agent.pid, 'SIGHUP');
    await eventually(() => wanted.test(agent.said().slice(before)));
  };
  await assertTakesIn(first);

  await remove(first);
  configure(second);
  await reload(/the configuration was read again\n/);
  await assertTakesIn(second);

  await remove(second);
  mkdirSync(second);
  await reload(/the configuration was read again\n/);
  await assertTakesIn(second);

  configure('/nowhere');
  await reload(
    /\/nowhere is no cgroup of the v2 hierarchy: .*; what was configured before stays\n/,
  );
  await assertTakesIn(second);

  configure();
  await reload(/the configuration was read again\n/);
  const child = await enter(second);
  assert.equal(await processes(), 0);
  child.kill('SIGKILL');
  await remove(second);
});
