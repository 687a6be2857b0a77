import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../e2e/run.ts';

test('what is no suite ends with the names of those that are', async () => {
  const { status, stderr } = await run(process.execPath, ['scripts/suites/run-suites.ts', 'bogus']);
  assert.equal(status, 64);
  assert.match(stderr, /^bogus is no suite: name any of lint, schema, functions, .*\n$/);
});

test('a run ends with its counts on a line by itself, and with status 0 only if nothing failed', async () => {
  const { status, stdout } = await run(process.execPath, ['scripts/suites/run-suites.ts', 'lint']);
  assert.equal(status, 0, stdout);
  assert.match(stdout, /\n[1-9]\d* passed, 0 failed, \d+ skipped\n$/);
});
