import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { confusion, parseLabelled, precision, recall } from './confusion.ts';
import { qualityPage } from './quality-page.ts';

// The same depth below schema/ from src/ and from dist/.
const room = new URL('../../../', import.meta.url);
const texts = parseLabelled(
  readFileSync(new URL('../sdk/vectors/redact/labelled.ndjson', room), 'utf8'),
);

/** Told by the words around them alone: no floor is promised for these. */
const BY_CONTEXT: readonly string[] = [
  'street_address',
  'date_of_birth',
  'passport',
  'eu_national_id',
  'api_key',
];

test('there are two thousand labelled texts and more', () => {
  assert.ok(texts.length >= 2000, `there are ${texts.length}`);
  assert.ok(texts.filter(({ spans }) => spans.length === 0).length >= 500);
});

for (const row of confusion(texts)) {
  const { entity } = row;
  if (BY_CONTEXT.includes(entity)) continue;
  const [least, right] = entity === 'phone' ? [0.85, 0.95] : [0.98, 0.98];
  test(`${entity}: recall of ${least} and precision of ${right} at least`, () => {
    assert.ok(recall(row) >= least, `recall is ${recall(row)}`);
    assert.ok(precision(row) >= right, `precision is ${precision(row)}`);
  });
}

test('QUALITY.md says what the code does', () => {
  const page = readFileSync(new URL('src/redact/QUALITY.md', room), 'utf8');
  assert.equal(page, qualityPage(texts));
});
