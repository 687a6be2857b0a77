import assert from 'node:assert/strict';
import { test } from 'node:test';
import oracle from 'canonicalize';
import fc from 'fast-check';
import { CanonicalError, type CanonicalValue, canonicalize, parseCanonical } from './canonical.ts';

const text = fc.string({ unit: 'binary' });
const { value } = fc.letrec<{ value: CanonicalValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 6 }),
  ),
}));

test('canonical text is what a JCS library makes of every value a record may hold', () => {
  fc.assert(
    fc.property(value, (any) => assert.equal(canonicalize(any), oracle(any))),
    { numRuns: 2000 },
  );
});

test('canonical text reads back as the value, and any other text of it is refused', () => {
  fc.assert(
    fc.property(value, (any) => {
      const canonical = canonicalize(any);
      assert.equal(canonicalize(parseCanonical(canonical) as CanonicalValue), canonical);
      assert.throws(() => parseCanonical(` ${canonical}`), CanonicalError);
    }),
  );
});

test('a text nested ten thousand deep is refused, not overflowed', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  assert.throws(() => parseCanonical(deep), CanonicalError);
});

test('what has no canonical form is refused', () => {
  for (const bad of [
    0.5,
    Number.NaN,
    2 ** 53,
    null,
    undefined,
    '\ud800',
    { '\udc00': 1 },
    [Symbol.iterator],
    1n,
  ])
    assert.throws(() => canonicalize(bad as CanonicalValue), CanonicalError, String(typeof bad));
});
