import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Database } from '@google-cloud/spanner';
import { KEEP_MILLIS, type LeaseAsk } from '@vantio/schema/spend/bucket';
import { createLedger, skip } from '../testing/emulated.ts';
import { createEmitter } from '../testing/records.ts';
import { createLeaseRecords } from './lease-records.ts';
import { createSpendBuckets, sweepSpendBuckets } from './spend-buckets.ts';

const ledger = skip ? undefined : await createLedger();
after(async () => {
  await ledger?.database.close();
  setTimeout(() => process.exit(), 500).unref();
});

const hex = (at: number): string => at.toString(16).padStart(32, '0');
const endsAt = Date.now() + 3_600_000;
const ask = (bucket: number, lease: number, need: number): LeaseAsk => ({
  bucket: hex(bucket),
  leaseId: hex(lease),
  need,
  want: need,
  limit: 1000,
  isSoft: false,
  endsAt,
});

const none = () => [];
const nothingRecorded = (database: Database) =>
  createLeaseRecords({
    database: async () => database,
    controlKey: async () => createEmitter('vantio', 'control').apiKey,
    publish: () => assert.fail('there is nothing to publish'),
    onFault: () => {},
  });

test('exchanges at one time grant no more than the limit, and what is given back is granted again', {
  skip,
}, async () => {
  assert.ok(ledger);
  const { database } = ledger;
  const stores = [0, 1].map(() =>
    createSpendBuckets(async () => database, nothingRecorded(database)),
  );
  const outcomes = await Promise.all(
    Array.from({ length: 3 }, (_, at) =>
      stores[at % 2]?.exchange('acme', [], [ask(1, at, 400)], none),
    ),
  );
  const granted = outcomes.flatMap((some) => some ?? []).map(({ status }) => status);
  assert.equal(granted.filter((status) => status === 'granted').length, 2);
  const held = outcomes.findIndex((some) => some?.[0]?.status === 'granted');
  const report = { bucket: hex(1), leaseId: hex(held), spent: 40, held: 0 };
  const [again] = (await stores[0]?.exchange('acme', [report], [ask(1, 99, 550)], none)) ?? [];
  assert.deepEqual([again?.status, again?.used], ['granted', 40]);
  const [other] = (await stores[0]?.exchange('globex', [], [ask(1, 7, 1000)], none)) ?? [];
  assert.equal(other?.status, 'granted');
});

test('budgets of windows that ended long ago are forgotten, and no others', { skip }, async () => {
  assert.ok(ledger);
  const { database } = ledger;
  const store = createSpendBuckets(async () => database, nothingRecorded(database));
  await store.exchange(
    'swept',
    [],
    [ask(1, 1, 1), { ...ask(2, 2, 1), endsAt: endsAt + KEEP_MILLIS }],
    none,
  );
  assert.equal(await sweepSpendBuckets(database, 'swept'), 0);
  const later = (): number => endsAt + KEEP_MILLIS + 1;
  assert.equal(await sweepSpendBuckets(database, 'swept', later), 1);
  const [first] = await store.exchange('swept', [], [ask(1, 3, 1000)], none);
  assert.equal(first?.status, 'granted');
});
