import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { costOf, mostOf, type Tokens } from './cost-of.ts';
import type { Prices } from './prices.ts';

const PRICES: Prices = {
  input: [3_000_000, [200_000, 6_000_000]],
  output: 15_000_000,
  cachedInput: 300_000,
  cacheWrite: 3_750_000,
  cacheWriteHour: 6_000_000,
};

test('a cost is rounded up once, and the tier of all input prices every token', () => {
  assert.equal(costOf({ input: 1, output: 0 }, [{ input: 1, output: 1 }]), 1);
  assert.equal(costOf({ input: 3, output: 3 }, [{ input: 1, output: 1 }]), 1);
  assert.equal(costOf({ input: 200_000 }, [PRICES]), 600_000);
  assert.equal(costOf({ input: 200_001 }, [PRICES]), 1_200_006);
  assert.equal(costOf({}, [PRICES]), 0);
});

test('parts are priced as such, and as the whole where they have no rate', () => {
  const used = { input: 1000, cachedInput: 400, cacheWrite: 300, cacheWriteHour: 100, output: 0 };
  assert.equal(costOf(used, [PRICES]), (300 * 3 + 400 * 0.3 + 200 * 3.75 + 100 * 6) | 0);
  assert.equal(costOf(used, [{ input: 3_000_000 }]), 3000);
  assert.equal(costOf({ output: 10, reasoning: 4 }, [{ output: 1e6, reasoning: 2e6 }]), 14);
});

test('of several prices that may hold the dearest is charged', () => {
  assert.equal(costOf({ input: 5 }, [{ input: 1e6 }, { input: 4e6 }, { input: 2e6 }]), 20);
});

const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const tokens = fc.record(
  {
    input: count,
    cachedInput: count,
    cacheWrite: count,
    cacheWriteHour: count,
    output: count,
    reasoning: count,
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Tokens>;

test('whatever a provider says was used, a cost is a whole number that is not negative, and bounded', () => {
  fc.assert(
    fc.property(tokens, (used) => {
      const cost = costOf(used, [PRICES]);
      assert.ok(Number.isSafeInteger(cost) && cost >= 0);
    }),
  );
});

test('what is reserved covers what the same tokens cost, however they were cached for five minutes', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1e6 }),
      fc.integer({ min: 0, max: 1e6 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (input, output, read, write) => {
        const cachedInput = Math.floor(input * read);
        const cacheWrite = Math.floor((input - cachedInput) * write);
        const cost = costOf({ input, cachedInput, cacheWrite, output }, [PRICES]);
        assert.ok(cost <= mostOf({ input, output }, [PRICES]));
      },
    ),
  );
});
