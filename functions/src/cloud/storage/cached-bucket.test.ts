import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCachedRead } from './cached-bucket.ts';

test('what was read stays, the last used the longest; what is large or absent is asked for each time', async () => {
  const asked: string[] = [];
  const objects = new Map([
    ['a', Buffer.alloc(4, 'a')],
    ['b', Buffer.alloc(4, 'b')],
    ['c', Buffer.alloc(4, 'c')],
    ['large', Buffer.alloc(9)],
  ]);
  const read = createCachedRead(
    {
      read: async (name) => {
        asked.push(name);
        return objects.get(name);
      },
    },
    { maxBytes: 8, maxObjectBytes: 8 },
  );
  for (const name of ['a', 'b', 'a', 'c', 'a', 'b', 'large', 'large', 'none', 'none'])
    assert.deepEqual(await read(name), objects.get(name));
  assert.deepEqual(asked, ['a', 'b', 'c', 'b', 'large', 'large', 'none', 'none']);
  asked.length = 0;
  await Promise.all([read('c'), read('c')]);
  for (const name of ['b', 'c']) await read(name);
  assert.deepEqual(asked, ['c', 'c']);
});
