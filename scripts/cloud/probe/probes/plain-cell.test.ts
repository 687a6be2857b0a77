import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainCell } from './plain-cell.ts';

test('a time is the same however many digits of its second are written', () => {
  const texts = [
    '2025-01-05T03:00:01Z',
    '2025-01-05T03:00:01.000000Z',
    '2025-01-05T03:00:01.000000000Z',
    '2025-01-05T03:00:01.000000999Z',
  ];
  assert.deepEqual(
    new Set(texts.map((text) => plainCell('TIMESTAMP', text))),
    new Set(['1736046001000000']),
  );
  assert.notEqual(plainCell('TIMESTAMP', '2025-01-05T03:00:01.000001Z'), '1736046001000000');
});

test('other values are their text, in a wrapper of the client too, and NULL is none of them', () => {
  assert.equal(plainCell('INT64', { value: '9007199254740993' }), '9007199254740993');
  assert.equal(plainCell('BOOL', true), plainCell('BOOL', 'true'));
  assert.equal(plainCell('DATE', { value: '2025-01-05' }), '2025-01-05');
  assert.equal(plainCell('STRING', null), null);
  assert.notEqual(plainCell('STRING', 'null'), plainCell('STRING', null));
});
