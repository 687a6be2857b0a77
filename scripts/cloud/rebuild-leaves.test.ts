import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, test } from 'node:test';
import { sealTenant } from '../../functions/dist/cloud/seal/seal-tenant.js';
import { createSealing, createTenant } from '../../functions/dist/cloud/testing/sealing.js';
import {
  missingStorageServer,
  startStorageServer,
} from '../../functions/dist/cloud/testing/storage-server.js';

const skip =
  process.env.SPANNER_EMULATOR_HOST === undefined
    ? 'no emulators on this machine; see the line above'
    : missingStorageServer();
const sealing = skip ? undefined : await createSealing(await startStorageServer({ after }));
after(() => sealing?.database.close());

const run = (...args: readonly string[]) =>
  spawnSync('scripts/rebuild-leaves', args, { encoding: 'utf8' });

test('scripts/rebuild-leaves puts back what a database lost, and refuses bundles that another key signed', {
  skip,
}, async () => {
  assert.ok(sealing);
  const { parts, path, buckets, keys, database } = sealing;
  const { tenantId, store } = createTenant(sealing);
  await store(5);
  await sealTenant(parts, tenantId, 'all');
  await database.table('Leaves').deleteRows([0, 1, 2].map((at) => [tenantId, String(at)]));
  const [own = ''] = keys.publicKeys.map((key) => Buffer.from(key).toString('hex'));
  const rebuild = (hex: string) =>
    run(
      ...['--database', path, '--tenant', tenantId, '--log-name', 'log.example'],
      ...['--log-public-key', hex, '--settled', buckets.settled, '--moving', buckets.moving],
    );
  const other = rebuild('ab'.repeat(32));
  assert.equal(other.status, 1);
  assert.match(other.stderr, /^scripts\/rebuild-leaves: [^\n]+\n$/m);
  // Both keys that the logs have had, whichever signed.
  const done = rebuild(`${own},${'ab'.repeat(32)}`);
  assert.deepEqual(
    [done.status, done.stdout],
    [0, '5 leaves are in the bundles: 3 leaves and 0 rows put back\n'],
    done.stderr,
  );
  assert.match(rebuild(own).stdout, /: 0 leaves and 0 rows put back/);
});

test('scripts/rebuild-leaves wants to be told what it is to put back, and from where', () => {
  const good = [
    ...['--database', 'projects/p/instances/i/databases/d', '--tenant', 'acme'],
    ...['--log-name', 'log.example', '--settled', 's', '--moving', 'm'],
  ];
  for (const args of [
    [],
    good,
    [...good, '--log-public-key', 'ab'],
    [...good, '--log-public-key', 'ab'.repeat(32), '--force'],
  ]) {
    const { status, stderr } = run(...args);
    assert.equal(status, 64);
    assert.match(stderr, /^usage: scripts\/rebuild-leaves /m);
  }
});
