import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRefreshed } from './refreshed.ts';

function createClock() {
  let at = 0;
  return {
    now: () => at,
    pass: (millis: number) => {
      at += millis;
    },
  };
}
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a value is loaded once, served while it is fresh, and renewed behind a request that does not wait', async () => {
  const { now, pass } = createClock();
  let loads = 0;
  const value = createRefreshed({ load: async () => ++loads, now });
  assert.deepEqual(await Promise.all([value(), value()]), [1, 1]);
  pass(29_999);
  assert.equal(await value(), 1);
  pass(1);
  assert.equal(await value(), 1);
  await settle();
  assert.equal(await value(), 2);
});

test('past its greatest age a value does not serve: the new one is waited for', async () => {
  const { now, pass } = createClock();
  let loads = 0;
  const value = createRefreshed({ load: async () => ++loads, now });
  await value();
  pass(60_000);
  assert.equal(await value(), 2);
});

test('a failed load is borne while the value is young enough, and thrown when it is not', async () => {
  const { now, pass } = createClock();
  let fails = false;
  const value = createRefreshed({
    load: async () => {
      if (fails) throw new Error('away');
      return 'value';
    },
    now,
  });
  await value();
  fails = true;
  pass(40_000);
  assert.equal(await value(), 'value');
  await settle();
  pass(20_000);
  await assert.rejects(value(), /away/);
  fails = false;
  assert.equal(await value(), 'value');
});
