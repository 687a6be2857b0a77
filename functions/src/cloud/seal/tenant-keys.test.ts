import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { parseLogEntry } from '@vantio/schema/log-entry';
import { keyIdOf, type NoteKey } from '@vantio/schema/tlog/note-keys';
import type { LogKeys } from '../log-key/log-identity.ts';
import { skip as noEmulator } from '../testing/emulated.ts';
import { keysOf, requireFollowed, requireOneOfBoth } from '../testing/followed-keys.ts';
import {
  createSealing,
  createTenant,
  rotating,
  type Sealing,
  withKeys,
} from '../testing/sealing.ts';
import { missingStorageServer, startStorageServer } from '../testing/storage-server.ts';
import { leafEntries } from './leaf-entries.ts';
import { createRotations } from './rotations.ts';
import { sealTenant } from './seal-tenant.ts';

const skip = noEmulator || missingStorageServer();
const sealing = skip ? undefined : await createSealing(await startStorageServer({ after }));
after(() => sealing?.database.close());

function ready(): Sealing {
  assert.ok(sealing);
  return sealing;
}

/** What the leaves say of the log's keys. */
async function wordsOf({ database }: Sealing, tenantId: string, size: number) {
  const entries = (await leafEntries(database, tenantId, 0, size)) ?? assert.fail();
  return entries
    .map((entry) => parseLogEntry(Buffer.from(entry).toString()).record)
    .filter(({ event_type }) => event_type.startsWith('signer_'))
    .map(({ event_type, source, signer_id, next_signer_id }) => {
      assert.equal(source, 'control_plane');
      return [event_type, signer_id, next_signer_id];
    });
}

test('a log hands over when it is sealed next, and whoever pinned either key follows', {
  skip,
}, async () => {
  const { parts, keys } = ready();
  const { tenantId, store } = createTenant(ready());
  await store(3);
  await sealTenant(parts, tenantId, 'newest');
  const first = rotating(keys);
  const [from, to] = keysOf(tenantId, first.during) as [NoteKey, NoteKey];
  await store(2);
  // Three records more: a session that says it.
  assert.equal((await sealTenant(withKeys(parts, first.during), tenantId, 'newest')).size, 8);
  await store(1);
  assert.equal((await sealTenant(withKeys(parts, first.during), tenantId, 'newest')).size, 9);
  await store(1);
  assert.equal((await sealTenant(withKeys(parts, first.after), tenantId, 'newest')).size, 10);
  const { signed, rotations } = await requireFollowed(ready(), tenantId, from);
  const ids = [from, to].map(keyIdOf) as [string, string];
  assert.deepEqual(
    [...signed],
    [
      [3, [ids[0]]],
      [5, [ids[0]]],
      [8, ids],
      [9, [ids[1]]],
      [10, [ids[1]]],
    ],
  );
  assert.equal(rotations[0]?.head.size, 8);
  await requireFollowed(ready(), tenantId, to);
  assert.deepEqual(await wordsOf(ready(), tenantId, 10), [['signer_rotated', ...ids]]);
  const object = await parts.settled.read(`${tenantId}/rotations/1`);
  const row = await createRotations(ready().database, tenantId).at(1);
  assert.equal(String(object), String(row));

  // The next one takes over from this one, in a log that nothing came to.
  const second = rotating(first.after);
  assert.equal((await sealTenant(withKeys(parts, second.during), tenantId, 'all')).size, 13);
  const third = keysOf(tenantId, second.during)[2] ?? assert.fail();
  for (const pinned of [from, to, third])
    assert.equal((await requireFollowed(ready(), tenantId, pinned)).rotations.length, 2);
});

test('a log that begins while a key hands over begins with that one; one that is empty has nothing to say', {
  skip,
}, async () => {
  const { parts, keys } = ready();
  const { during } = rotating(keys);
  const { tenantId, store } = createTenant(ready());
  assert.equal((await sealTenant(withKeys(parts, during), tenantId, 'all')).size, 0);
  await store(1);
  assert.equal((await sealTenant(withKeys(parts, during), tenantId, 'all')).size, 4);
  const [from] = keysOf(tenantId, during) as [NoteKey];
  const { signed } = await requireFollowed(ready(), tenantId, from);
  assert.deepEqual(
    [...signed.values()].map((ids) => ids.length),
    [1, 2],
  );
});

test('an instance that knows less of the keys than the log signs nothing, and says what to name', {
  skip,
}, async () => {
  const { parts, keys } = ready();
  const { tenantId, store } = createTenant(ready());
  await store(1);
  await sealTenant(parts, tenantId, 'newest');
  const { during, after: done } = rotating(keys);
  const later = rotating(done);
  // The key in charge of this log is not there any more: somebody was too fast.
  await store(1);
  await assert.rejects(sealTenant(withKeys(parts, done), tenantId, 'newest'), {
    code: 'unknown_key',
    message: /name it as VANTIO_LOG_KEY until every log has handed over/,
  });
  await sealTenant(withKeys(parts, during), tenantId, 'newest');
  await store(1);
  for (const behind of [keys, later.after])
    await assert.rejects(sealTenant(withKeys(parts, behind), tenantId, 'newest'), {
      code: 'unknown_key',
    });
  await sealTenant(withKeys(parts, done), tenantId, 'newest');
});

test('instances with old and new settings race, and every checkpoint is signed by who is to sign it', {
  skip,
}, async () => {
  const { parts, keys } = ready();
  const { tenantId, store } = createTenant(ready());
  await store(3);
  await sealTenant(parts, tenantId, 'newest');
  const { during } = rotating(keys);
  for (let turn = 0; turn < 2; turn++) {
    await store(2);
    const instances = [parts, withKeys(parts, during), parts, withKeys(parts, during)];
    // Those with old settings may find out that they are.
    await Promise.allSettled(instances.map((each) => sealTenant(each, tenantId, 'newest')));
  }
  const { size } = await sealTenant(withKeys(parts, during), tenantId, 'all');
  await requireOneOfBoth(ready(), tenantId, during, size);
});

test('an instance with old settings that was about to publish comes too late once the key has handed over', {
  skip,
}, async () => {
  const { parts, keys } = ready();
  const { tenantId, store } = createTenant(ready());
  await store(3);
  await sealTenant(parts, tenantId, 'newest');
  const { during } = rotating(keys);
  await store(2);
  const { promise: isSigning, resolve: signing } = Promise.withResolvers<void>();
  const { promise: mayGoOn, resolve: goOn } = Promise.withResolvers<void>();
  const slow: LogKeys = {
    ...keys,
    current: {
      ...keys.current,
      sign: async (text) => {
        signing();
        await mayGoOn;
        return keys.current.sign(text);
      },
    },
  };
  const late = assert.rejects(sealTenant(withKeys(parts, slow), tenantId, 'newest'), {
    code: 'unknown_key',
  });
  await isSigning;
  await store(4);
  const { size } = await sealTenant(withKeys(parts, during), tenantId, 'newest');
  goOn();
  await late;
  await requireOneOfBoth(ready(), tenantId, during, size);
});

test('a revoked key is revoked once in each log that had it, and in no other', {
  skip,
}, async () => {
  const { parts, keys } = ready();
  const { tenantId, store } = createTenant(ready());
  await store(1);
  const { during, after: done } = rotating(keys);
  await sealTenant(withKeys(parts, during), tenantId, 'newest');
  const revoking = withKeys(parts, { ...done, revoked: keys.publicKeys });
  const young = createTenant(ready());
  await young.store(1);
  for (let turn = 0; turn < 2; turn++) {
    assert.equal((await sealTenant(revoking, tenantId, 'all')).size, 7);
    assert.equal((await sealTenant(revoking, young.tenantId, 'all')).size, 1);
  }
  const [from, to] = keysOf(tenantId, during).map(keyIdOf);
  assert.deepEqual(await wordsOf(ready(), tenantId, 7), [
    ['signer_rotated', from, to],
    ['signer_revoked', from, undefined],
  ]);
});
