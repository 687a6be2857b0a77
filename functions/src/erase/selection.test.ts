import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEventIds } from '@vantio/schema/event-id';
import { eventIdBound } from './selection.ts';

test('an id sorts before the bound exactly if its millisecond is before it', () => {
  for (const millis of [1, 1_700_000_000_000, 0xffff_ffff, 2 ** 47]) {
    const id = createEventIds('0'.repeat(32))(millis);
    assert.ok(id < eventIdBound(millis + 1));
    assert.ok(id > eventIdBound(millis));
    assert.ok(id > eventIdBound(millis - 1));
  }
});
