import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { createRecordIndex } from './record-index.ts';

const hashOf = (label: string): string => createHash('sha256').update(label).digest('hex');

test('each hash gives what was put under it, once, however many there are', () => {
  const index = createRecordIndex();
  const ids = Array.from({ length: 5000 }, () => randomUUID());
  // Two under each of the first ten.
  for (const [value, id] of ids.entries()) index.add(hashOf(`${value}`), id, value);
  for (let value = 0; value < 10; value++)
    index.add(hashOf(`${value}`), ids[0] ?? '', 9000 + value);
  assert.deepEqual(index.take(hashOf('none')), []);
  for (const [value, eventId] of ids.entries()) {
    const twin = value < 10 ? [{ value: 9000 + value, eventId: ids[0] }] : [];
    assert.deepEqual(index.take(hashOf(`${value}`)), [{ value, eventId }, ...twin]);
    assert.deepEqual(index.take(hashOf(`${value}`)), []);
  }
});

test('hashes that begin alike are told apart', () => {
  const index = createRecordIndex();
  const [one, two] = [`00000000${'1'.repeat(56)}`, `00000000${'2'.repeat(56)}`];
  index.add(one, randomUUID(), 1);
  index.add(two, randomUUID(), 2);
  assert.deepEqual(
    [two, one].map((hash) => index.take(hash).map(({ value }) => value)),
    [[2], [1]],
  );
});
