import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { skip } from '../../../functions/dist/cloud/testing/emulated.js';
import { createHouse } from '../../../functions/dist/testing/local.js';
import { vantio } from '../../e2e/run.ts';
import { keyFileOf } from '../import/local-ledger.ts';

test('vantio policy publishes in the cloud, lists, goes back, and says what was not recorded', {
  skip,
}, async (t) => {
  const house = createHouse(t);
  const acme = keyFileOf(house.directory, 'acme', house.key('acme'));
  const child = spawn(process.execPath, ['scripts/cloud/mirror.ts', house.stateDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGTERM'));
  const [first] = (await once(child.stdout, 'data')) as [Buffer];
  const { url, database } = JSON.parse(first.toString()) as { url: string; database: string };
  const control = keyFileOf(house.directory, 'control', house.controlKey());
  const fileOf = (version: number): string => {
    const file = join(house.directory, `${version}.json`);
    writeFileSync(file, JSON.stringify({ v: 1, version, blocked_hosts: [`v${version}.example`] }));
    return file;
  };
  const policy = async (status: number, ...args: readonly string[]): Promise<string> => {
    const ran = await vantio('policy', ...args);
    assert.equal(ran.status, status, ran.stdout + ran.stderr);
    return ran.stdout + ran.stderr;
  };
  const cloud = ['--tenant', 'acme', '--database', database];
  const door = ['--ingest-url', url, '--key-file', control];
  const nowhere = ['--ingest-url', 'http://127.0.0.1:9', '--key-file', control];

  assert.match(await policy(2, 'push', fileOf(1), ...cloud), /name the control plane/);
  assert.match(
    await policy(1, 'push', fileOf(1), ...cloud, ...nowhere),
    /published and not recorded/,
  );
  assert.match(await policy(0, 'push', fileOf(1), ...cloud, ...door), /^published: version 1 /);
  await policy(0, 'push', fileOf(4), ...cloud, ...door);
  assert.match(await policy(2, 'push', fileOf(3), ...cloud, ...door), /version: is not above 4/);
  await policy(0, 'rollback', '1', ...cloud, ...door);
  const { versions } = JSON.parse(await policy(0, 'history', ...cloud, '--json')) as {
    versions: { version: number }[];
  };
  assert.deepEqual(
    versions.map(({ version }) => version),
    [1, 4, 5],
  );
  const served = JSON.parse(
    await policy(0, 'pull', '--ingest-url', url, '--key-file', acme, '--json'),
  ) as { version: number; policy: unknown };
  assert.deepEqual(served.policy, { v: 1, version: 5, blocked_hosts: ['v1.example'] });
});
