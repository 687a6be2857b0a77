import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jsonPlaces } from './json-places.ts';

test('members and elements are found on their lines', () => {
  const { lineOf, twice } = jsonPlaces(`{
  "a": [
    "x", {"b": 1},
    {
      "c": [[], {"d": null}]
    }
  ],
  "e": "}{[]\\","
}`);
  const expected = {
    a: 2,
    'a[0]': 3,
    'a[1]': 3,
    'a[1].b': 3,
    'a[2]': 4,
    'a[2].c': 5,
    'a[2].c[0]': 5,
    'a[2].c[1]': 5,
    'a[2].c[1].d': 5,
    e: 8,
  };
  assert.deepEqual(Object.fromEntries(lineOf), { '': 1, ...expected });
  assert.deepEqual(twice, []);
});

test('a name that stands twice in an object is found, and one in two objects is not', () => {
  assert.deepEqual(jsonPlaces('{"a":1,"\\u0061":2,"b":{"a":1}}').twice, ['a']);
  assert.deepEqual(jsonPlaces('[{"a":1},{"a":2}]').twice, []);
});

test('what nests deeper than any policy has the place of what it is in', () => {
  const { lineOf } = jsonPlaces(`{"a":\n${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
  assert.equal(lineOf.get('a'), 1);
  assert.ok(lineOf.size < 100);
});

test('every member of any JSON has its line', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const { lineOf } = jsonPlaces(text);
      const value = JSON.parse(text) as unknown;
      if (Array.isArray(value)) for (const at of value.keys()) assert.ok(lineOf.has(`[${at}]`));
    }),
  );
});
