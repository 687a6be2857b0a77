import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextAsk } from './next-ask.ts';

const NOW = 1_800_000_000_000;
const held = { maxAge: 60, fetchedAt: NOW, expiresAt: undefined };
const ask = (more: object, random: number, at = NOW): number =>
  nextAsk({ ...held, ...more }, 0, at, 0, random);

test('a fleet that started together does not ask together, and none asks after the policy is past its age', () => {
  assert.equal(ask({}, 0), 36_000);
  assert.equal(ask({}, 0.5), 45_000);
  assert.equal(Math.round(ask({}, 1)), 54_000);
  const all = new Set(Array.from({ length: 100 }, () => nextAsk(held, 0, NOW)));
  assert.ok(all.size > 50);
});

test('what has passed since it was served counts, and a clock that went back does not', () => {
  assert.equal(ask({}, 0.5, NOW + 20_000), 25_000);
  assert.equal(ask({}, 0.5, NOW - 20_000), 45_000);
  assert.equal(ask({}, 0.5, NOW + 90_000), 500);
});

test('it is asked anew as a policy expires, and not again and again once it has', () => {
  const at = (millis: number): object => ({ expiresAt: new Date(NOW + millis).toISOString() });
  assert.equal(ask(at(10_000), 0.5), 10_010);
  assert.equal(ask(at(-10_000), 0.5), 45_000);
});

test('after failures it is left alone for longer and longer, and for as long as it asked for', () => {
  const waits = [1, 2, 4, 8].map((failures) => nextAsk(held, failures, NOW, 0, 1));
  assert.deepEqual(
    waits,
    waits.toSorted((a, b) => a - b),
  );
  assert.ok((waits[0] ?? 0) < (waits[3] ?? 0));
  assert.ok(nextAsk(undefined, 1, NOW, 30_000, 0) >= 30_000);
});

test('no wait is longer than a timer of Node.js takes', () => {
  assert.ok(ask({ maxAge: 31_536_000 }, 1) < 2 ** 31);
});
