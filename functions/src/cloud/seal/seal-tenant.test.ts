import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, test } from 'node:test';
import { parseEnvelope } from '@vantio/schema';
import { ledgerRows } from '@vantio/schema/spanner/ledger-row';
import { openCheckpoint } from '@vantio/schema/tlog/checkpoint';
import { createNoteSigner } from '@vantio/schema/tlog/note-keys';
import { codeOf, GRPC } from '../spanner/grpc-status.ts';
import { skip as noEmulator } from '../testing/emulated.ts';
import { createEmitter, linesOf } from '../testing/records.ts';
import {
  createSealing,
  createTenant,
  entriesInOrder,
  RECEIVED,
  requireSoundLog,
} from '../testing/sealing.ts';
import { missingStorageServer, startStorageServer } from '../testing/storage-server.ts';
import { sealTenant } from './seal-tenant.ts';

const skip = noEmulator || missingStorageServer();
const sealing = skip ? undefined : await createSealing(await startStorageServer({ after }));
after(() => sealing?.database.close());

function ready() {
  assert.ok(sealing);
  return sealing;
}

test('every committed row becomes a leaf once, in commit order, and what they add up to is signed', {
  skip,
}, async () => {
  const { parts, database } = ready();
  const { tenantId, store } = createTenant(ready());
  assert.deepEqual(await sealTenant(parts, tenantId, 'all'), {
    size: 0,
    added: 0,
    copied: false,
  });
  for (const records of [3, 1, 200]) await store(records);
  assert.deepEqual(await sealTenant(parts, tenantId, 'newest'), {
    size: 204,
    added: 204,
    copied: false,
  });
  assert.equal((await sealTenant(parts, tenantId, 'newest')).added, 0);
  for (const records of [50, 2]) await store(records);
  await sealTenant(parts, tenantId, 'newest');
  for (const records of [300, 44]) await store(records);
  assert.equal((await sealTenant(parts, tenantId, 'newest')).size, 600);
  const entries = await entriesInOrder(database, tenantId);
  assert.deepEqual(await requireSoundLog(ready(), tenantId, entries), [204, 256, 600]);
});

test('the copy in the buckets is whole without the database, and drops what its last one needed', {
  skip,
}, async () => {
  const { parts, identity } = ready();
  const { tenantId, store } = createTenant(ready());
  const at = (path: string) => `${tenantId}/${path}`;
  await store(5);
  assert.equal((await sealTenant(parts, tenantId, 'all')).copied, true);
  assert.equal((await sealTenant(parts, tenantId, 'all')).copied, false);
  assert.ok(await parts.moving.read(at('tile/entries/000.p/5')));
  await store(260);
  await sealTenant(parts, tenantId, 'newest');
  const { verifier } = identity(tenantId);
  const copied = async () =>
    openCheckpoint(String(await parts.moving.read(at('checkpoint'))), verifier).size;
  assert.equal(await copied(), 5);
  await sealTenant(parts, tenantId, 'all');
  assert.equal(await copied(), 265);
  for (const path of ['tile/0/001.p/9', 'tile/1/000.p/1', 'tile/entries/001.p/9'])
    assert.ok(await parts.moving.read(at(path)), path);
  for (const path of ['tile/0/000', 'tile/entries/000', 'checkpoints/5', 'checkpoints/265'])
    assert.ok(await parts.settled.read(at(path)), path);
  for (const path of ['tile/0/000.p/5', 'tile/entries/000.p/5'])
    assert.equal(await parts.moving.read(at(path)), undefined, path);
});

test('a row that came with a time of the past is found by the sweep, and is the next leaf', {
  skip,
}, async () => {
  const { parts, database } = ready();
  const { tenantId, store } = createTenant(ready());
  await store(4);
  await sealTenant(parts, tenantId, 'newest');
  const before = await entriesInOrder(database, tenantId);
  const [line = ''] = linesOf(createEmitter(tenantId), 1);
  const { ledger } = ledgerRows(parseEnvelope(line), RECEIVED);
  const past = { ...ledger, CommitTimestamp: '2020-01-01T00:00:00.000000Z' };
  await database.table('TrueTimeLedger').insert([past]);
  assert.equal((await sealTenant(parts, tenantId, 'newest')).added, 0);
  assert.equal((await sealTenant(parts, tenantId, 'all')).added, 1);
  const [first, ...others] = await entriesInOrder(database, tenantId);
  assert.deepEqual(others, before);
  await requireSoundLog(ready(), tenantId, [...before, first ?? assert.fail()]);
  // The window that follows a backdated leaf begins at its time, and finds what is new all the same.
  await store(2);
  assert.equal((await sealTenant(parts, tenantId, 'newest')).size, 7);
});

/** Does it again whenever the emulator, which has one transaction at a time, has aborted it too often. */
async function undisturbed<T>(run: () => Promise<T>): Promise<T> {
  for (;;)
    try {
      return await run();
    } catch (error) {
      if (codeOf(error) !== GRPC.aborted) throw error;
    }
}

test('five sealers at once, beside a writer, make one log and lose nothing', { skip }, async () => {
  const { parts, database } = ready();
  const { tenantId, store } = createTenant(ready());
  let isWriting = true;
  const writer = (async () => {
    for (let at = 0; at < 12; at++) await undisturbed(() => store(1 + ((at * 37) % 90)));
    isWriting = false;
  })();
  const sealer = async (): Promise<void> => {
    while (isWriting) await undisturbed(() => sealTenant(parts, tenantId, 'all'));
  };
  await Promise.all([writer, ...Array.from({ length: 5 }, sealer)]);
  await Promise.all([1, 2].map(() => sealTenant(parts, tenantId, 'all')));
  const entries = await entriesInOrder(database, tenantId);
  const sizes = await requireSoundLog(ready(), tenantId, entries);
  assert.ok(sizes.length > 1, `${sizes}`);
});

test('nothing is signed over a ledger that lost a row, or has one that was changed', {
  skip,
}, async () => {
  const { parts, database } = ready();
  for (const change of [
    'DELETE FROM TrueTimeLedger WHERE TenantId = @tenantId AND EventType = "session_start"',
    'UPDATE TrueTimeLedger SET RecordMac = REPEAT("0", 64) WHERE TenantId = @tenantId AND EventType = "session_start"',
  ]) {
    const { tenantId, store } = createTenant(ready());
    await store(4);
    await sealTenant(parts, tenantId, 'newest');
    await database.runTransactionAsync(async (transaction) => {
      await transaction.runUpdate({ sql: change, params: { tenantId } });
      await transaction.commit();
    });
    await store(1);
    await assert.rejects(sealTenant(parts, tenantId, 'newest'), {
      name: 'TlogError',
      code: 'inconsistent',
    });
    const [rows] = await database.run({
      sql: 'SELECT TreeSize FROM Checkpoints WHERE TenantId = @tenantId',
      params: { tenantId },
      json: true,
    });
    assert.deepEqual(rows, [{ TreeSize: 4 }]);
  }
});

test('a database that was turned back is told from the bucket, and a checkpoint of another key is not gone on from', {
  skip,
}, async () => {
  const { parts, database } = ready();
  const { tenantId, store } = createTenant(ready());
  await store(4);
  await sealTenant(parts, tenantId, 'all');
  await store(2);
  await sealTenant(parts, tenantId, 'all');
  const [late] = await database.run({
    sql: 'SELECT TraceId, EventId, RecordHash FROM Leaves WHERE TenantId = @tenantId AND LeafIndex >= 4',
    params: { tenantId },
    json: true,
  });
  const keys = late as unknown as { TraceId: string; EventId: string; RecordHash: string }[];
  await database.table('Checkpoints').deleteRows([[tenantId, '6']]);
  await database.table('Leaves').deleteRows(['4', '5'].map((index) => [tenantId, index]));
  await database
    .table('TrueTimeLedger')
    .deleteRows(keys.map((key) => [tenantId, key.TraceId, key.EventId, key.RecordHash]));
  await assert.rejects(sealTenant(parts, tenantId, 'all'), {
    code: 'inconsistent',
    message: /6 leaves, the database one of 4: it was turned back/,
  });
  await store(3);
  await assert.rejects(sealTenant(parts, tenantId, 'all'), { code: /inconsistent|bad_proof/ });

  const { privateKey } = generateKeyPairSync('ed25519');
  const tenant = createTenant(ready());
  await tenant.store(1);
  await sealTenant(parts, tenant.tenantId, 'newest');
  await tenant.store(1);
  const identityOf = async (id: string) => ({
    ...ready().identity(id),
    signer: createNoteSigner(`log.example/${id}`, privateKey),
  });
  await assert.rejects(sealTenant({ ...parts, identityOf }, tenant.tenantId, 'newest'), {
    name: 'TlogError',
  });
});
