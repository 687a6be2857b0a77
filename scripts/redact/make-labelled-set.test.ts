import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { labelledFile } from './make-labelled-set.ts';

test('the labelled texts are what the seed makes of values and templates', () => {
  assert.equal(readFileSync('sdk/vectors/redact/labelled.ndjson', 'utf8'), labelledFile());
});
