import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createWitnessTimes } from './witness-times.ts';

test('first with and last without a leaf are what looking at every cosignature says', () => {
  const cosignatures = fc.array(
    fc.record({ size: fc.integer({ min: 0, max: 12 }), time: fc.integer({ min: 0, max: 50 }) }),
  );
  fc.assert(
    fc.property(cosignatures, (some) => {
      const times = createWitnessTimes();
      const sorted = some.toSorted((a, b) => a.size - b.size);
      for (const { size, time } of sorted) times.add(size, time);
      for (const index of [0, 1, 5, 11, 12, Number.POSITIVE_INFINITY]) {
        const covering = some.filter(({ size }) => size > index).map(({ time }) => time);
        const lacking = some.filter(({ size }) => size <= index).map(({ time }) => time);
        assert.equal(times.firstWith(index), Math.min(...covering));
        assert.equal(times.lastWithout(index), Math.max(...lacking));
      }
    }),
  );
});
