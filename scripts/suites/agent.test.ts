import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countCargoTests } from './agent.ts';

test('counts the tests of all crates, and those that could not run here as skipped', () => {
  const output = [
    'test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s',
    '---- loads stdout ----',
    'skipped: loading programs needs root',
    'test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s',
  ].join('\n');
  assert.deepEqual(countCargoTests(output), { passed: 4, failed: 1, skipped: 2 });
});
