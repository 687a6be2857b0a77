import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JsonFormatError, walkJson } from './json-walker.ts';

function stringsOf(json: string): string[] {
  const strings: string[] = [];
  walkJson<true>(json, true, {
    member: () => true,
    element: () => true,
    string: (_place, start, end) =>
      strings.push(JSON.parse(json.slice(start - 1, end + 1)) as string),
  });
  return strings;
}

function valuesOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(valuesOf);
}

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

test('every string of any JSON is shown', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.integer({ min: 0, max: 2 }), (value, spaces) => {
      assert.deepEqual(
        stringsOf(JSON.stringify(value, null, spaces)).sort(),
        valuesOf(JSON.parse(JSON.stringify(value))).sort(),
      );
    }),
    { numRuns: 500 },
  );
});

test('accepts what JSON.parse accepts, and refuses what it refuses', () => {
  const almost = fc
    .tuple(
      fc.json(),
      fc.nat(),
      fc.constantFrom(
        '',
        ',',
        '"',
        '\\',
        '}',
        ']',
        '0',
        '01',
        'e',
        '-',
        '\u0001',
        '\t',
        'nul',
        '\\u12',
      ),
    )
    .map(
      ([json, at, put]) =>
        json.slice(0, at % (json.length + 1)) + put + json.slice((at % (json.length + 1)) + 1),
    );
  fc.assert(
    fc.property(almost, (text) => {
      let isAccepted = true;
      try {
        stringsOf(text);
      } catch (error) {
        assert.ok(error instanceof JsonFormatError);
        isAccepted = false;
      }
      assert.equal(isAccepted, isJson(text), text);
    }),
    { numRuns: 3000 },
  );
});

test('refuses JSON that nests deeper than any request does', () => {
  assert.throws(() => stringsOf('['.repeat(100_000) + ']'.repeat(100_000)), JsonFormatError);
});
