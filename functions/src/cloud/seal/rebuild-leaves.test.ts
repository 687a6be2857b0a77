import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { skip as noEmulator } from '../testing/emulated.ts';
import { keysOf, requireFollowed } from '../testing/followed-keys.ts';
import {
  createSealing,
  createTenant,
  entriesInOrder,
  requireSoundLog,
  rotating,
  type Sealing,
  withKeys,
} from '../testing/sealing.ts';
import { missingStorageServer, startStorageServer } from '../testing/storage-server.ts';
import { rebuildLeaves } from './rebuild-leaves.ts';
import { sealTenant } from './seal-tenant.ts';
import { objectName } from './tenant-files.ts';

const skip = noEmulator || missingStorageServer();
const sealing = skip ? undefined : await createSealing(await startStorageServer({ after }));
after(() => sealing?.database.close());

function ready(): Sealing {
  assert.ok(sealing);
  return sealing;
}

const remove = (sql: string, params: Readonly<Record<string, string | number>>): Promise<unknown> =>
  ready().database.runTransactionAsync(async (transaction) => {
    await transaction.runUpdate({ sql, params });
    await transaction.commit();
  });

const countOf = async (table: string, tenantId: string): Promise<number> => {
  const [rows] = await ready().database.run({
    sql: `SELECT COUNT(*) AS Total FROM ${table} WHERE TenantId = @tenantId`,
    params: { tenantId },
    json: true,
  });
  return (rows[0] as unknown as { Total: number }).Total;
};

/** A log of 300 leaves in the buckets, and of 350 in the database. */
async function sealed() {
  const { parts, identity } = ready();
  const tenant = createTenant(ready());
  await tenant.store(300);
  await sealTenant(parts, tenant.tenantId, 'all');
  await tenant.store(50);
  await sealTenant(parts, tenant.tenantId, 'newest');
  const rebuild = (changes: Partial<Parameters<typeof rebuildLeaves>[0]> = {}) =>
    rebuildLeaves(
      { ...parts, verifier: identity(tenant.tenantId).verifier, withRows: false, ...changes },
      tenant.tenantId,
    );
  return { ...tenant, rebuild };
}

/** The sealer goes on, and everything that was ever signed is the beginning of what it signs now. */
async function requireGoesOn({ tenantId, store }: Awaited<ReturnType<typeof sealed>>) {
  const { database, parts } = ready();
  await store(10);
  assert.equal((await sealTenant(parts, tenantId, 'all')).size, 360);
  const sizes = await requireSoundLog(ready(), tenantId, await entriesInOrder(database, tenantId));
  assert.deepEqual(sizes, [300, 350, 360]);
}

test('leaves that are gone come back from the bundles, once, and the sealer goes on without a fork', {
  skip,
}, async () => {
  const log = await sealed();
  const { tenantId, rebuild } = log;
  await remove('DELETE FROM Leaves WHERE TenantId = @tenantId', { tenantId });
  assert.deepEqual(await rebuild(), { leaves: 300, addedLeaves: 300, addedRows: 0 });
  assert.deepEqual(await rebuild(), { leaves: 300, addedLeaves: 0, addedRows: 0 });
  await requireGoesOn(log);
});

test('what a database that was turned back lacks comes back too: rows with their own time, and the checkpoint', {
  skip,
}, async () => {
  const log = await sealed();
  const { tenantId, rebuild } = log;
  const before = await entriesInOrder(ready().database, tenantId);
  const gone = { tenantId, from: 280 };
  // A backup of before the last twenty of the first batch; the tail behind it is the writer's to bring again.
  await remove(
    `DELETE FROM TrueTimeLedger WHERE TenantId = @tenantId AND RecordHash IN (
      SELECT RecordHash FROM Leaves WHERE TenantId = @tenantId AND LeafIndex >= @from AND LeafIndex < 300)`,
    gone,
  );
  await remove('DELETE FROM Leaves WHERE TenantId = @tenantId AND LeafIndex >= @from', gone);
  await remove('DELETE FROM Checkpoints WHERE TenantId = @tenantId AND TreeSize <= 300', {
    tenantId,
  });
  await assert.rejects(rebuild(), {
    code: 'inconsistent',
    message: /no row of leaf 280 .* --rows/,
  });
  assert.equal(await countOf('Leaves', tenantId), 280);
  assert.deepEqual(await rebuild({ withRows: true }), {
    leaves: 300,
    addedLeaves: 20,
    addedRows: 20,
  });
  assert.deepEqual(await entriesInOrder(ready().database, tenantId), before);
  await requireGoesOn(log);
});

test('bundles that are not what was signed are refused, and nothing is written', {
  skip,
}, async () => {
  const { identity, parts } = ready();
  const { tenantId, rebuild } = await sealed();
  await remove('DELETE FROM Leaves WHERE TenantId = @tenantId', { tenantId });
  const other = await sealed();
  const bundle = objectName(tenantId, 'tile/entries/000');
  const reading = (bytesOf: (bytes: Uint8Array) => Uint8Array | undefined) => ({
    ...parts.settled,
    read: async (name: string) => {
      const bytes = await parts.settled.read(name);
      return bytes && name === bundle ? bytesOf(bytes) : bytes;
    },
  });
  const changed = (bytes: Uint8Array): Uint8Array => {
    const at = Buffer.from(bytes).indexOf('"record_mac":"') + 14;
    const copy = Uint8Array.from(bytes);
    copy[at] = copy[at] === 0x61 ? 0x62 : 0x61;
    return copy;
  };
  await assert.rejects(rebuild({ settled: reading(changed) }), { code: 'inconsistent' });
  await assert.rejects(rebuild({ settled: reading((bytes) => bytes.subarray(1)) }), {
    code: 'bad_bundle',
  });
  await assert.rejects(rebuild({ settled: reading(() => undefined) }), { code: 'bad_tile' });
  // Another tenant's bundles, and its checkpoint.
  const foreign = {
    read: (name: string) => parts.moving.read(name.replace(tenantId, other.tenantId)),
  };
  await assert.rejects(rebuild({ moving: foreign }), { code: 'unknown_key' });
  await assert.rejects(rebuild({ verifier: identity(other.tenantId).verifier }));
  await assert.rejects(rebuild({ moving: { read: async () => undefined } }), {
    code: 'bad_note',
    message: /no checkpoint of \S+ was copied/,
  });
  assert.equal(await countOf('Leaves', tenantId), 0);
});

test('a row that is there and is another is refused', { skip }, async () => {
  const { tenantId, rebuild } = await sealed();
  const { database } = ready();
  const [rows] = await database.run({
    sql: 'SELECT TraceId, EventId, RecordHash FROM Leaves WHERE TenantId = @tenantId AND LeafIndex = 299',
    params: { tenantId },
    json: true,
  });
  await database.table('TrueTimeLedger').update({
    ...(rows[0] as unknown as Readonly<Record<string, string>>),
    TenantId: tenantId,
    ReceivedAt: '2020-01-01T00:00:00.000000Z',
  });
  await assert.rejects(rebuild(), { code: 'inconsistent', message: /the row of leaf 299 / });
});

test('a log whose key handed over gets its notes and records back, and goes on under the key that took over', {
  skip,
}, async () => {
  const { parts, keys, database } = ready();
  const { tenantId, store } = createTenant(ready());
  await store(300);
  const { during, after: done } = rotating(keys);
  await sealTenant(withKeys(parts, during), tenantId, 'newest');
  for (const table of ['Rotations', 'SignerRecords', 'Checkpoints', 'Leaves'])
    await remove(`DELETE FROM ${table} WHERE TenantId = @tenantId`, { tenantId });
  const { verifier } = await withKeys(parts, done).identityOf(tenantId);
  const rebuild = () => rebuildLeaves({ ...parts, verifier, withRows: false }, tenantId);
  assert.equal((await rebuild()).addedLeaves, 303);
  assert.equal((await rebuild()).addedLeaves, 0);
  for (const table of ['Rotations', 'SignerRecords', 'Checkpoints'])
    assert.equal(await countOf(table, tenantId), 1, table);
  await store(1);
  // Nothing is said again.
  assert.equal((await sealTenant(withKeys(parts, done), tenantId, 'all')).size, 304);
  const [from] = keysOf(tenantId, during);
  assert.ok(from);
  assert.equal((await requireFollowed(ready(), tenantId, from)).rotations.length, 1);
  assert.equal((await entriesInOrder(database, tenantId)).length, 304);
});
