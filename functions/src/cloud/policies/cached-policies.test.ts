import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wrapPolicy } from '@vantio/schema/policy/signed-policy';
import { createCachedPolicies } from './cached-policies.ts';

const envelope = (version: number) => wrapPolicy({ v: 1, version }, 'acme');

function setUp() {
  const faults: string[] = [];
  const state = { now: 0, asked: 0, fails: false, text: envelope(1) as string | undefined };
  const policyOf = createCachedPolicies({
    now: () => state.now,
    onFault: (message) => faults.push(message),
    read: async () => {
      state.asked++;
      if (state.fails) throw new Error('away');
      return state.text;
    },
  });
  return { state, faults, version: async () => (await policyOf('acme'))?.version };
}

test('the database is asked once in five seconds, also for a tenant without a policy', async () => {
  const { state, version } = setUp();
  state.text = undefined;
  assert.deepEqual(await Promise.all([version(), version()]), [undefined, undefined]);
  state.now = 4999;
  assert.equal(await version(), undefined);
  assert.equal(state.asked, 1);
  state.now = 5000;
  state.text = envelope(2);
  assert.equal(await version(), 2);
  assert.equal(state.asked, 2);
});

test('while the database is away the last policy is served for a minute, and then none is claimed', async () => {
  const { state, version, faults } = setUp();
  assert.equal(await version(), 1);
  state.fails = true;
  state.now = 60_000;
  assert.equal(await version(), 1);
  assert.equal(faults.length, 1);
  state.now = 60_001;
  await assert.rejects(version());
  state.fails = false;
  assert.equal(await version(), 1);
});

test('what was never known is not claimed to be none', async () => {
  const { state, version } = setUp();
  state.fails = true;
  await assert.rejects(version());
});
