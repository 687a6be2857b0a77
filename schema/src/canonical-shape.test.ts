import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalize } from './canonical.ts';
import { canonicalizeShaped } from './canonical-shape.ts';

const member = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.maxSafeInteger(),
  fc.boolean(),
  fc.constant(undefined),
  fc.dictionary(fc.string(), fc.nat()),
);

test('objects of one shape have the same canonical text as any, whatever their keys and values', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary' }), member), (value) => {
      assert.equal(canonicalizeShaped(value), canonicalize(value));
      assert.equal(canonicalizeShaped({ ...value }), canonicalize(value));
    }),
  );
});

test('what has no canonical form is refused here as well', () => {
  for (const value of ['\ud800', 0.5, null, 2 ** 53])
    assert.throws(() => canonicalizeShaped({ value: value as never }), { code: 'not_canonical' });
  assert.throws(() => canonicalizeShaped({ '\udc00': 1 }), { code: 'not_canonical' });
});
