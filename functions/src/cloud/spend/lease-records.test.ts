import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { on } from 'node:events';
import { after, test } from 'node:test';
import { type Message, PubSub } from '@google-cloud/pubsub';
import { type AuditRecord, instantFromMicros, recordHash, signerIdOf } from '@vantio/schema';
import type { LeaseAsk } from '@vantio/schema/spend/bucket';
import { openBatch } from '@vantio/schema/wire/sealed-batch';
import type { NotesOf } from '../../spend/spend-store.ts';
import { createPublishBatch, type PublishBatch } from '../pubsub/publish-batch.ts';
import { createLedger, skip } from '../testing/emulated.ts';
import { createEmitter } from '../testing/records.ts';
import { createLeaseRecords } from './lease-records.ts';
import { createSpendBuckets } from './spend-buckets.ts';

const ingestKey = generateKeyPairSync('ed25519');
const signers = new Map([[signerIdOf(ingestKey.publicKey), ingestKey.publicKey]]);
const control = createEmitter('vantio', 'control');
const house = skip ? undefined : await open();
after(async () => {
  await house?.close();
  setTimeout(() => process.exit(), 500).unref();
});

async function open() {
  const { database } = await createLedger();
  const pubsub = new PubSub({ projectId: 'vantio-local' });
  const id = `leases-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  const [topic] = await pubsub.createTopic(id);
  const [subscription] = await topic.createSubscription(id);
  const messages = on(subscription, 'message');
  return {
    database,
    publish: createPublishBatch({ topic, signer: async () => ingestKey.privateKey }),
    /** Records of the next message of the topic, with their hashes. */
    async next() {
      const { value } = await messages.next();
      const [message] = value as unknown as readonly [Message];
      message.ack();
      const { tenant_id, envelopes } = openBatch(message.data.toString(), signers);
      return {
        tenantId: tenant_id,
        records: envelopes.map(({ record }) => record),
        hashes: envelopes.map(({ canonical }) => recordHash(canonical)),
      };
    },
    close: async () => {
      await subscription.close();
      await pubsub.close();
      await database.close();
    },
  };
}

function ready() {
  assert.ok(house);
  return house;
}

function storeWith(publish: PublishBatch, now: () => number = Date.now) {
  const { database } = ready();
  const faults: string[] = [];
  const records = createLeaseRecords({
    database: async () => database,
    controlKey: async () => control.apiKey,
    publish,
    onFault: (message) => faults.push(message),
    now,
  });
  return { ...createSpendBuckets(async () => database, records), records, faults };
}

async function waiting(): Promise<number> {
  const [rows] = await ready().database.run('SELECT SessionId FROM LeaseRecords');
  return rows.length;
}

let leases = 0;
const hex = (at: number): string => at.toString(16).padStart(32, '0');
const endsAt = Date.now() + 3_600_000;
const ask = (bucket: number, need: number): LeaseAsk => ({
  bucket: hex(bucket),
  leaseId: hex(++leases),
  need,
  want: need,
  limit: 1000,
  isSoft: false,
  endsAt,
});
const notesOf: NotesOf = (outcomes) =>
  outcomes.flatMap((outcome) =>
    outcome.status === 'granted' && outcome.isNew
      ? [
          {
            event_type: 'spend_lease',
            action_taken: 'RECORDED',
            reserved_microusd: outcome.amount,
            spend_window: 'day',
            spend_scope: 'key',
            expires_at: instantFromMicros(outcome.expiresAt * 1000),
          },
        ]
      : [],
  );
const amountsOf = (records: readonly AuditRecord[]) =>
  records.flatMap(({ reserved_microusd }) => reserved_microusd ?? []);
const LATER = (): number => Date.now() + 120_000;
const AWAY: PublishBatch = () => Promise.reject(new Error('injected'));

test('what is granted goes to the topic as a session of the control plane, and then waits no more', {
  skip,
}, async () => {
  const { publish, next } = ready();
  const { exchange, faults } = storeWith(publish);
  await exchange('acme', [], [ask(1, 300), ask(1, 400), ask(1, 900)], notesOf);
  const { tenantId, records } = await next();
  assert.equal(tenantId, 'vantio');
  assert.deepEqual(
    records.map(({ event_type }) => event_type),
    ['session_start', 'spend_lease', 'spend_lease', 'session_end'],
  );
  assert.deepEqual(amountsOf(records), [300, 400]);
  assert.deepEqual([await waiting(), faults], [0, []]);
});

test('a record that Pub/Sub did not take does not hold the lease up, and goes with the next sweep', {
  skip,
}, async () => {
  const { publish, next } = ready();
  const { exchange, faults } = storeWith(AWAY);
  const [outcome] = await exchange('acme', [], [ask(2, 10)], notesOf);
  assert.equal(outcome?.status, 'granted');
  assert.deepEqual([await waiting(), faults], [1, ['the record of a lease waits']]);
  // Too young: whoever granted it may still be about it.
  await storeWith(() => assert.fail('it is not left behind yet')).records.sweep();
  await storeWith(publish, LATER).records.sweep();
  assert.deepEqual(amountsOf((await next()).records), [10]);
  assert.equal(await waiting(), 0);
});

test('whoever dies between publishing and taking away leaves the same bytes to be published again', {
  skip,
}, async () => {
  const { publish, next } = ready();
  const published: PublishBatch = async (...batch) => {
    await publish(...batch);
    throw new Error('injected');
  };
  await storeWith(published).exchange('acme', [], [ask(3, 10)], notesOf);
  const first = await next();
  // Two instances sweep at one time.
  await Promise.all([0, 1].map(() => storeWith(publish, LATER).records.sweep()));
  const [second, third] = [await next(), await next()];
  assert.deepEqual(amountsOf(first.records), [10]);
  assert.deepEqual(second.hashes, first.hashes);
  assert.deepEqual(third.hashes, first.hashes);
  assert.equal(await waiting(), 0);
});

test('exchanges that meet, and are tried again by the database, are each recorded once', {
  skip,
}, async () => {
  const { publish, next } = ready();
  const stores = [storeWith(publish), storeWith(publish)];
  const outcomes = await Promise.all(
    Array.from({ length: 6 }, (_, at) =>
      stores[at % 2]?.exchange('acme', [], [ask(4, 300)], notesOf),
    ),
  );
  const granted = outcomes.flat().filter((outcome) => outcome?.status === 'granted');
  assert.equal(granted.length, 3);
  const sessions = new Set<string | undefined>();
  for (const _ of granted) {
    const { records } = await next();
    assert.deepEqual(amountsOf(records), [300]);
    sessions.add(records[0]?.session_id);
  }
  assert.deepEqual([sessions.size, await waiting()], [3, 0]);
});

test('without a key to seal a record with nothing is granted', { skip }, async () => {
  const { database, publish } = ready();
  const records = createLeaseRecords({
    database: async () => database,
    controlKey: () => Promise.reject(new Error('injected')),
    publish,
    onFault: () => {},
  });
  const store = createSpendBuckets(async () => database, records);
  await assert.rejects(store.exchange('acme', [], [ask(5, 1000)], notesOf), /injected/);
  const [outcome] = await storeWith(publish).exchange('acme', [], [ask(5, 1000)], () => []);
  assert.equal(outcome?.status, 'granted');
});
