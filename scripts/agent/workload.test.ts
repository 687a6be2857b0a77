import assert from 'node:assert/strict';
import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { cannotRun, eventually, hierarchy, makeWorld, type World } from './world.ts';

const CONTAINER = 'ab'.repeat(32);
const POD = '0123abcd-0123-4567-89ab-0123456789ab';

let world: World;
before(async () => {
  world = await makeWorld();
});
after(() => world.remove());

test('a record of a process in a container says which container and pod', {
  skip: cannotRun,
}, async (context) => {
  const pod = join(hierarchy(), `kubepods-pod${POD.replaceAll('-', '_')}.slice`);
  const folder = join(pod, `cri-containerd-${CONTAINER}.scope`);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    context.skip(`no cgroup can be made here: ${error}`);
    return;
  }
  const line = `echo $$ > ${folder}/cgroup.procs && sleep 0.3 && true`;
  const output = ['--output-file', world.file('ledger.ndjson')];
  const { status, stderr } = await world.agent('run', ...output, '--', 'sh', '-c', line);
  assert.equal(status, 0, stderr);
  await eventually(() => {
    try {
      rmdirSync(folder);
      rmdirSync(pod);
      return true;
    } catch {
      return false;
    }
  });
  const inside = world
    .records()
    .filter(({ container_id, pod_uid }) => container_id === CONTAINER && pod_uid === POD);
  assert.ok(inside.length > 0, 'no record names the container');
  const outside = world.records().filter(({ container_id }) => container_id === undefined);
  assert.ok(outside.some(({ event_type }) => event_type === 'process_exec'));
  const { status: verified, stdout } = await world.verify();
  assert.equal(verified, 0, stdout);
});
