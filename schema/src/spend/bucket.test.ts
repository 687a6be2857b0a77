import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Bucket,
  exchange,
  grant,
  LEASE_MILLIS,
  type LeaseAsk,
  report,
  totals,
} from './bucket.ts';

const EMPTY: Bucket = { used: 0, leases: {}, endsAt: 1e12 };
const ask = (leaseId: string, need: number, more: Partial<LeaseAsk> = {}): LeaseAsk => ({
  bucket: 'b',
  leaseId,
  need,
  want: need,
  limit: 1000,
  isSoft: false,
  endsAt: 1e12,
  ...more,
});

test('a lease is part of the cap, and what is asked for beyond it is refused until when it may be free', () => {
  const { bucket, outcome } = grant(EMPTY, ask('a', 900), 0);
  assert.deepEqual(outcome, {
    status: 'granted',
    amount: 900,
    expiresAt: LEASE_MILLIS,
    used: 0,
    isNew: true,
  });
  assert.deepEqual(grant(bucket, ask('b', 101), 1).outcome, {
    status: 'used_up',
    used: 0,
    outstanding: 900,
    retryAt: LEASE_MILLIS,
  });
  assert.equal(grant(bucket, ask('b', 100), 1).outcome.status, 'granted');
});

test('nobody gets all that is free because of wishing for it', () => {
  assert.partialDeepStrictEqual(grant(EMPTY, ask('a', 1, { want: 1e9 }), 0).outcome, {
    amount: 125,
  });
  assert.partialDeepStrictEqual(grant(EMPTY, ask('a', 1, { want: 10 }), 0).outcome, { amount: 10 });
});

test('the same ask again, whose answer was lost, is the same lease', () => {
  const { bucket } = grant(EMPTY, ask('a', 300), 0);
  const again = grant(bucket, ask('a', 300), 5);
  assert.equal(again.bucket, bucket);
  assert.partialDeepStrictEqual(again.outcome, { status: 'granted', amount: 300, isNew: false });
});

test('what is given back is free at once; what ended without a word is spent, and may still be told', () => {
  const leased = grant(EMPTY, ask('a', 300), 0).bucket;
  assert.deepEqual(totals(report(leased, { leaseId: 'a', spent: 20, held: 30 }), 1), {
    used: 20,
    outstanding: 30,
  });
  assert.deepEqual(totals(leased, LEASE_MILLIS), { used: 300, outstanding: 0 });
  const late = report(leased, { leaseId: 'a', spent: 25, held: 0 });
  assert.deepEqual(totals(late, LEASE_MILLIS), { used: 25, outstanding: 0 });
  assert.equal(report(late, { leaseId: 'a', spent: 99, held: 0 }), late);
});

test('reports that overtake each other, or lie, neither unspend nor take more', () => {
  const leased = grant(EMPTY, ask('a', 300), 0).bucket;
  const newer = report(leased, { leaseId: 'a', spent: 100, held: 50 });
  assert.deepEqual(totals(report(newer, { leaseId: 'a', spent: 10, held: 290 }), 1), {
    used: 100,
    outstanding: 50,
  });
  assert.equal(report(leased, { leaseId: 'toString', spent: 1, held: 0 }), leased);
});

test('a soft cap is granted beyond its limit, and says what is used', () => {
  const { bucket } = grant(EMPTY, ask('a', 5000, { isSoft: true }), 0);
  const settled = report(bucket, { leaseId: 'a', spent: 5000, held: 0 });
  assert.partialDeepStrictEqual(grant(settled, ask('b', 1, { isSoft: true }), 1).outcome, {
    status: 'granted',
    used: 5000,
  });
});

const step = fc.record({
  lease: fc.integer({ min: 0, max: 9 }),
  need: fc.integer({ min: 0, max: 400 }),
  want: fc.integer({ min: 0, max: 4000 }),
  spent: fc.integer({ min: 0, max: 500 }),
  held: fc.integer({ min: 0, max: 500 }),
  wait: fc.integer({ min: 0, max: LEASE_MILLIS }),
  asks: fc.boolean(),
});

test('used and outstanding stay within the limit as long as nobody spends more than was leased', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      let buckets = new Map<string, Bucket>();
      let now = 0;
      for (const { lease, need, want, spent, held, wait, asks } of steps) {
        now += wait;
        const leaseId = `l${lease}`;
        const mine = buckets.get('b')?.leases[leaseId];
        const honest = Math.min(spent, (mine?.spent ?? 0) + (mine?.held ?? 0));
        const rest = (mine?.spent ?? 0) + (mine?.held ?? 0) - honest;
        const { changed } = exchange(
          buckets,
          asks ? [] : [{ bucket: 'b', leaseId, spent: honest, held: Math.min(held, rest) }],
          asks ? [ask(leaseId, need, { want })] : [],
          now,
        );
        buckets = new Map([...buckets, ...changed]);
        const bucket = buckets.get('b');
        if (!bucket) continue;
        const { used, outstanding } = totals(bucket, now);
        assert.ok(used >= 0 && outstanding >= 0);
        assert.ok(used + outstanding <= 1000, `${used} + ${outstanding}`);
      }
    }),
  );
});
