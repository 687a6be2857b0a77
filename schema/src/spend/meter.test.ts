import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createMeter, type Reservation } from './meter.ts';

test('what does not fit is not reserved, unless it is only to be told of', () => {
  const meter = createMeter(10);
  const first = meter.reserve(7);
  assert.ok(first);
  assert.equal(meter.reserve(4), undefined);
  assert.equal(first.settle(2), 2);
  assert.equal(first.settle(2), 2);
  assert.ok(meter.reserve(8));
  assert.equal(meter.left(), 0);
  assert.ok(meter.reserve(100, true));
  assert.equal(meter.left(), 0);
});

const step = fc.record({
  amount: fc.integer({ min: 0, max: 1000 }),
  /** Of the cost, in tenths of what was reserved; beyond 10 the estimate was too low. */
  tenths: fc.integer({ min: 0, max: 15 }),
  settles: fc.integer({ min: 0, max: 3 }),
});

test('never below 0, and never over the cap by more than calls cost beyond what was reserved for them', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 5000 }),
      fc.array(step, { maxLength: 60 }),
      (cap, steps) => {
        const meter = createMeter(cap);
        const open: (readonly [Reservation, number])[] = [];
        let beyond = 0;
        for (const { amount, tenths, settles } of steps) {
          const reservation = meter.reserve(amount);
          if (reservation) open.push([reservation, Math.floor((amount * tenths) / 10)]);
          for (const [reserved, cost] of open.splice(0, settles)) {
            reserved.settle(cost);
            beyond += Math.max(0, cost - reserved.amount);
          }
          assert.ok(meter.used() >= 0 && meter.reserved() >= 0 && meter.left() >= 0);
          assert.equal(
            meter.reserved(),
            open.reduce((sum, [{ amount: held }]) => sum + held, 0),
          );
          assert.ok(meter.used() + meter.reserved() <= cap + beyond);
        }
      },
    ),
  );
});
