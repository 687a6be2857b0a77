import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, test } from 'node:test';
import { skip as noEmulator } from '../testing/emulated.ts';
import { requireOneOfBoth } from '../testing/followed-keys.ts';
import { sealAndDie } from '../testing/killed-sealer.ts';
import {
  createSealing,
  createTenant,
  entriesInOrder,
  logKeyOf,
  withKeys,
} from '../testing/sealing.ts';
import { missingStorageServer, startStorageServer } from '../testing/storage-server.ts';
import { leafEntries } from './leaf-entries.ts';
import { sealTenant } from './seal-tenant.ts';

const skip = noEmulator || missingStorageServer();
const sealing = skip ? undefined : await createSealing(await startStorageServer({ after }));
after(() => sealing?.database.close());

test('a sealer that is killed at any point of a hand-over leaves a log of one key, and goes on with the next call', {
  skip,
}, async () => {
  assert.ok(sealing);
  const { parts, keys, privateKey, database } = sealing;
  const next = generateKeyPairSync('ed25519').privateKey;
  const publicKeys = [...keys.publicKeys, logKeyOf(next).publicKey];
  const during = { ...keys, next: logKeyOf(next), publicKeys };
  const grown = async (): Promise<string> => {
    const { tenantId, store } = createTenant(sealing);
    await store(3);
    await sealTenant(parts, tenantId, 'newest');
    await store(2);
    return tenantId;
  };
  const points = sealAndDie(sealing, await grown(), [privateKey, next]);
  assert.ok(points !== 'killed' && points >= 9, `${points} fault points`);
  for (let dieAt = 0; dieAt < points; dieAt++) {
    const tenantId = await grown();
    assert.equal(sealAndDie(sealing, tenantId, [privateKey, next], dieAt), 'killed');
    // Whoever comes next may be two, and of these one with old settings.
    await Promise.allSettled([
      sealTenant(withKeys(parts, during), tenantId, 'newest'),
      ...(dieAt % 2 === 0 ? [sealTenant(parts, tenantId, 'newest')] : []),
    ]);
    const { size } = await sealTenant(withKeys(parts, during), tenantId, 'all');
    await requireOneOfBoth(sealing, tenantId, during, size);
    const entries = await entriesInOrder(database, tenantId);
    assert.equal(entries.length, size, `after a kill at ${dieAt}`);
    assert.ok(await leafEntries(database, tenantId, 0, size));
    assert.ok(await parts.settled.read(`${tenantId}/rotations/1`), `after a kill at ${dieAt}`);
  }
});
