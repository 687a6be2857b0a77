import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { skip } from '../testing/emulated.ts';
import { createSealing, createTenant, entriesInOrder } from '../testing/sealing.ts';
import { leafEntries } from './leaf-entries.ts';
import { sequence } from './sequence.ts';

const sealing = skip ? undefined : await createSealing({ makeBucket: async () => 'none' });
after(() => sealing?.database.close());

test('rows of one commit that do not fit in one batch go on in the next, and none is passed over', {
  skip,
}, async () => {
  assert.ok(sealing);
  const { database } = sealing;
  const { tenantId, store } = createTenant(sealing);
  await store(70);
  await store(4);
  const first = await sequence(database, tenantId, 'newest', 3);
  assert.deepEqual(first, { size: 60, added: 60, isDone: false });
  const second = await sequence(database, tenantId, 'newest', 3);
  assert.deepEqual(second, { size: 74, added: 14, isDone: true });
  assert.deepEqual(
    await leafEntries(database, tenantId, 0, 74),
    await entriesInOrder(database, tenantId),
  );
  assert.equal(await leafEntries(database, tenantId, 70, 75), undefined);
  assert.deepEqual(await sequence(database, tenantId, 'all', 3), {
    size: 74,
    added: 0,
    isDone: true,
  });
});

test('of sealers that see the same end each leaf is given out once', { skip }, async () => {
  assert.ok(sealing);
  const { database } = sealing;
  const { tenantId, store } = createTenant(sealing);
  await store(30);
  const given = await Promise.all([1, 2, 3].map(() => sequence(database, tenantId, 'all', 7)));
  assert.equal(
    given.reduce((sum, { added }) => sum + added, 0),
    30,
  );
  for (const { size, isDone } of given) assert.ok(isDone && size === 30);
  assert.equal((await leafEntries(database, tenantId, 0, 30))?.length, 30);
});
