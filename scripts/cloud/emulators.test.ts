import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const emulators = (...args: readonly string[]) =>
  spawnSync('scripts/emulators', args, { encoding: 'utf8', timeout: 120_000 });
const skip =
  process.env.SPANNER_EMULATOR_HOST === undefined &&
  'no emulators on this machine; see the line above';

test('up starts each once and says where they are, status tells, down ends them', { skip }, () => {
  const first = emulators('up');
  try {
    assert.equal(first.status, 0, first.stderr);
    assert.match(first.stdout, /^export SPANNER_EMULATOR_HOST=127\.0\.0\.1:\d+$/m);
    assert.match(first.stdout, /^export SPANNER_EMULATOR_REST=http:\/\/127\.0\.0\.1:\d+$/m);
    assert.match(first.stdout, /^export PUBSUB_EMULATOR_HOST=127\.0\.0\.1:\d+$/m);
    assert.match(first.stdout, /^export REDIS_URL=redis:\/\/127\.0\.0\.1:\d+$/m);
    assert.equal(emulators('up').stdout, first.stdout);
    const { status, stdout } = emulators('status');
    assert.equal(status, 0);
    assert.match(stdout, /^spanner: 127\.0\.0\.1:\d+, pid \d+\npubsub: .*\nredis: .*\n$/);
  } finally {
    emulators('down');
  }
  const after = emulators('status');
  assert.equal(after.status, 1);
  assert.equal(after.stdout, 'spanner: not running\npubsub: not running\nredis: not running\n');
});

test('what is no command is refused with the usage', () => {
  for (const args of [[], ['start'], ['up', 'twice']]) {
    const { status, stderr } = emulators(...args);
    assert.equal(status, 2);
    assert.match(stderr, /usage: scripts\/emulators up\|down\|status/);
  }
});
