import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { policyVectorFiles } from './policy-vectors.ts';

const folder = new URL('../../../sdk/vectors/', import.meta.url);

for (const name of readdirSync(new URL('policy', folder)))
  test(`sdk/vectors/policy/${name} is what the code decides`, () => {
    const made = policyVectorFiles().get(`policy/${name}`);
    assert.ok(made !== undefined, 'there is no runner for this file');
    assert.deepEqual(
      JSON.parse(readFileSync(new URL(`policy/${name}`, folder), 'utf8')),
      JSON.parse(JSON.stringify(made)),
    );
  });
