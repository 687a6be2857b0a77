import assert from 'node:assert/strict';
import { test } from 'node:test';
import { windowAt } from './window.ts';

test('windows are those of UTC, and end where the next begins', () => {
  const at = Date.parse('2026-12-31T23:59:59.999Z');
  for (const [window, key] of [
    ['hour', '2026-12-31T23'],
    ['day', '2026-12-31'],
    ['month', '2026-12'],
  ] as const)
    assert.deepEqual(windowAt(window, at), { key, endsAt: at + 1 });
  assert.equal(windowAt('trace', at, 'ab').key, 'ab');
});
