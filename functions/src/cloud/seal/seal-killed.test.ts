import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openCheckpoint } from '@vantio/schema/tlog/checkpoint';
import { skip as noEmulator } from '../testing/emulated.ts';
import { mortal } from '../testing/mortal.ts';
import {
  createSealing,
  createTenant,
  entriesInOrder,
  requireSoundLog,
} from '../testing/sealing.ts';
import { missingStorageServer, startStorageServer } from '../testing/storage-server.ts';
import { sealTenant } from './seal-tenant.ts';

const skip = noEmulator || missingStorageServer();
const sealing = skip ? undefined : await createSealing(await startStorageServer({ after }));
after(() => sealing?.database.close());

/** A tenant with a log of 3, a copy of it, and 255 rows more: sealing them fills a tile, and moves everything that moves. */
async function grown() {
  assert.ok(sealing);
  const tenant = createTenant(sealing);
  await tenant.store(3);
  await sealTenant(sealing.parts, tenant.tenantId, 'all');
  await tenant.store(255);
  return tenant.tenantId;
}

test('a sealer that is killed at any point goes on where it was, also beside one that did not die', {
  skip,
}, async () => {
  assert.ok(sealing);
  const { parts, database, identity } = sealing;
  const whole = mortal(parts);
  await sealTenant(whole.parts, await grown(), 'all');
  assert.ok(whole.passed() >= 10, `${whole.passed()} fault points`);
  for (let dieAt = 0; dieAt < whole.passed(); dieAt++) {
    const tenantId = await grown();
    const killed = mortal(parts, dieAt);
    await assert.rejects(sealTenant(killed.parts, tenantId, 'all'), /killed/);
    // Whoever comes next may look at the newest rows only, and may be two.
    await Promise.all([
      sealTenant(parts, tenantId, 'newest'),
      ...(dieAt % 2 === 0 ? [sealTenant(parts, tenantId, 'all')] : []),
    ]);
    const { size } = await sealTenant(parts, tenantId, 'all');
    assert.equal(size, 258, `after a kill at ${dieAt}`);
    const entries = await entriesInOrder(database, tenantId);
    assert.deepEqual(await requireSoundLog(sealing, tenantId, entries), [3, 258]);
    const copy = await parts.moving.read(`${tenantId}/checkpoint`);
    assert.equal(openCheckpoint(String(copy), identity(tenantId).verifier).size, 258);
    for (const path of ['tile/0/001.p/2', 'tile/entries/001.p/2', 'tile/1/000.p/1'])
      assert.ok(await parts.moving.read(`${tenantId}/${path}`), `${path} after ${dieAt}`);
    for (const path of ['tile/0/000', 'tile/entries/000', 'checkpoints/258'])
      assert.ok(await parts.settled.read(`${tenantId}/${path}`), `${path} after ${dieAt}`);
  }
});
