import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { missingStorageServer, startStorageServer } from '../testing/storage-server.ts';
import { openBucket } from './open-bucket.ts';

const skip = missingStorageServer();
const server = skip ? undefined : await startStorageServer({ after });

test('an object is made once, replaced by who knows its generation, and gone when it is removed', {
  skip,
}, async () => {
  assert.ok(server);
  const bucket = openBucket(await server.makeBucket());
  const [one, two] = [Buffer.from('one\0\xff', 'latin1'), Buffer.from('two')];
  const name = 'acme/tile/0/x001/234.p/7';
  assert.equal(await bucket.read(name), undefined);
  assert.equal(await bucket.readCurrent(name), undefined);
  assert.equal(await bucket.create(name, one), true);
  assert.equal(await bucket.create(name, two), false);
  assert.deepEqual(await bucket.read(name), one);
  const first = await bucket.readCurrent(name);
  assert.deepEqual(first?.bytes, one);
  assert.equal(await bucket.replace(name, two, first?.generation ?? ''), true);
  assert.equal(await bucket.replace(name, one, first?.generation ?? ''), false);
  assert.deepEqual(await bucket.read(name), two);
  await bucket.remove(name);
  await bucket.remove(name);
  assert.equal(await bucket.read(name), undefined);
});

test('of ten who make an object at once, one does', { skip }, async () => {
  assert.ok(server);
  const bucket = openBucket(await server.makeBucket());
  const made = await Promise.all(
    Array.from({ length: 10 }, (_, at) => bucket.create('checkpoint', Buffer.from(`${at}`))),
  );
  assert.equal(made.filter(Boolean).length, 1);
  assert.equal(String(await bucket.read('checkpoint')), String(made.indexOf(true)));
});

test('a bucket that is not there is a fault, and no empty bucket', { skip }, async () => {
  const bucket = openBucket('nowhere');
  await assert.rejects(bucket.create('x', Buffer.from('x')));
});
