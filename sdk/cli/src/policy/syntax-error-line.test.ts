import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { syntaxErrorLine } from './syntax-error-line.ts';

const BROKEN: readonly (readonly [string, number])[] = [
  ['', 1],
  ['hosts: []', 1],
  ['{\n"a": 1,\n}', 3],
  ['{\n"a": [1,\n]\n}', 3],
  ['{\n"a": 1\n"b": 2}', 3],
  ['{\n"a": 01\n}', 2],
  ['{\n"a": "one\ntwo"\n}', 2],
  ['{\n"a": [1}\n}', 2],
  ['{}\n{}', 2],
  ['{\n"a": {\n"b": 1\n', 3],
  ["{\n'a': 1\n}", 2],
];

test('the line is that of what cannot stand where it does', () => {
  for (const [text, line] of BROKEN) {
    assert.throws(() => JSON.parse(text));
    assert.equal(syntaxErrorLine(text), line, text);
  }
});

test('where JSON.parse names a place it is on the same line', () => {
  let compared = 0;
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(), fc.constantFrom(...'{}[],:"x'), (value, at, added) => {
      const text = JSON.stringify(value, null, 1);
      const cut = at % (text.length + 1);
      const broken = text.slice(0, cut) + added + text.slice(cut);
      const place = placeOf(broken);
      if (place === undefined) return;
      compared++;
      const until = Math.min(place, broken.trimEnd().length);
      assert.equal(syntaxErrorLine(broken), broken.slice(0, until).split('\n').length, broken);
    }),
    { numRuns: 2000 },
  );
  assert.ok(compared > 200);
});

function placeOf(text: string): number | undefined {
  try {
    JSON.parse(text);
  } catch (error) {
    const [, at] = / at position (\d+)/.exec((error as Error).message) ?? [];
    return at === undefined ? undefined : Number(at);
  }
  return undefined;
}
