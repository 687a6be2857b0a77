import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, beforeEach, test } from 'node:test';
import { http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { type Envelope, receivedKey, recordHash } from '@vantio/schema';
import { ledgerRows } from '@vantio/schema/spanner/ledger-row';
import { createPubSubStore } from '../pubsub/pubsub-store.ts';
import { connectRedis } from '../redis/connect.ts';
import { type CountRequest, createRedisCounts, type SendCommand } from '../redis/monthly-counts.ts';
import { quotaKeys } from '../redis/quota-keys.ts';
import { createCommit } from '../spanner/commit.ts';
import { createStoreOnce } from '../spanner/store-once.ts';
import { createLedger, skip } from '../testing/emulated.ts';
import { createEmitter, envelopesOf } from '../testing/records.ts';
import { createQuota, EVERY_MILLIS } from './handler.ts';
import { createOpenSnapshot, type OpenSnapshot } from './ledger-snapshot.ts';
import { PENDING_MILLIS, reconcileTenant } from './reconcile-tenant.ts';

const MONTH = '2026-11';
const AT = '2026-11-10T10:00:00.000000Z';
const setup = skip ? undefined : await start();
after(() => setup?.close());
beforeEach(() => setup?.send(['FLUSHDB']));

async function start() {
  const { database } = await createLedger();
  // A database of Redis of its own: it is emptied here, as a restart of a Basic instance does.
  const redis = await connectRedis(`${process.env.REDIS_URL}/7`, () => {});
  return {
    send: redis.send,
    counts: createRedisCounts(redis.send),
    storeOnce: createStoreOnce({ commit: await createCommit(database) }),
    openSnapshot: createOpenSnapshot(database),
    close: async () => {
      await redis.close();
      await database.close();
    },
  };
}

function ready() {
  assert.ok(setup);
  return setup;
}

/** Batches of a tenant: what ingest counts, and what the writer stores of it. */
function createTenant() {
  const tenantId = `t${randomBytes(6).toString('hex')}`;
  const emitter = createEmitter(tenantId, 'free');
  const batchOf = (events: number) => {
    // A session begins each: one record more, which does not count.
    const envelopes = envelopesOf(
      { ...emitter, session: createEmitter(tenantId).session },
      events + 1,
    );
    const request: CountRequest = {
      tenantId,
      receivedAt: AT,
      hashes: envelopes.map(({ canonical }) => recordHash(canonical)),
      events,
      monthlyLimit: 10_000,
    };
    return { envelopes, request };
  };
  const store = (envelopes: readonly Envelope[], receivedAt = AT) =>
    ready().storeOnce(envelopes.map((envelope) => ledgerRows(envelope, receivedAt)));
  return {
    tenantId,
    batchOf,
    store,
    /** Counted and stored. */
    stored: async (events: number) => {
      const batch = batchOf(events);
      await ready().counts.take(batch.request);
      await store(batch.envelopes);
      return batch;
    },
    counted: () => ready().counts.of(tenantId, AT),
    reconcile: (options: { readonly now?: number; readonly openSnapshot?: OpenSnapshot } = {}) =>
      reconcileTenant({
        send: ready().send,
        openSnapshot: options.openSnapshot ?? ready().openSnapshot,
        tenantId,
        month: MONTH,
        now: () => options.now ?? Date.parse(AT),
      }),
  };
}

test('counts that Redis lost are made again from the ledger: this month, this tenant, what counts', {
  skip,
}, async () => {
  const [tenant, other] = [createTenant(), createTenant()];
  await tenant.stored(30);
  await other.stored(7);
  await tenant.store(tenant.batchOf(5).envelopes, '2026-10-31T23:59:59.999999Z');
  await tenant.store(tenant.batchOf(6).envelopes, '2026-12-01T00:00:00.000000Z');
  await tenant.store(tenant.batchOf(2).envelopes, '2026-11-30T23:59:59.999999Z');
  await ready().send(['FLUSHDB']);
  assert.deepEqual(await tenant.reconcile(), { before: 0, after: 32 });
  assert.equal(await tenant.counted(), 32);
  const full = { ...tenant.batchOf(1).request, monthlyLimit: 32 };
  assert.equal(await ready().counts.take(full), 'over');
});

test('what was counted and is not written yet stays counted, and is counted once when it is', {
  skip,
}, async () => {
  const tenant = createTenant();
  await tenant.stored(10);
  const waiting = tenant.batchOf(4);
  await ready().counts.take(waiting.request);
  assert.deepEqual(await tenant.reconcile(), { before: 14, after: 14 });
  await tenant.store(waiting.envelopes);
  assert.deepEqual(await tenant.reconcile(), { before: 14, after: 14 });
  assert.equal(await ready().counts.take(waiting.request), 'known');
  assert.equal(await tenant.counted(), 14);
});

test('a batch that is counted and stored while the ledger is asked is counted once', {
  skip,
}, async () => {
  const tenant = createTenant();
  await tenant.stored(10);
  const openSnapshot: OpenSnapshot = async () => {
    await tenant.stored(2);
    const snapshot = await ready().openSnapshot();
    await tenant.stored(3);
    return {
      ...snapshot,
      count: async (question) => {
        const answer = await snapshot.count(question);
        await tenant.stored(5);
        return answer;
      },
    };
  };
  assert.deepEqual(await tenant.reconcile({ openSnapshot }), { before: 20, after: 20 });
  assert.deepEqual(await tenant.reconcile(), { before: 20, after: 20 });
});

test('a batch that was counted and never came to the ledger is given back when it cannot come any more', {
  skip,
}, async () => {
  const tenant = createTenant();
  await tenant.stored(10);
  await ready().counts.take(tenant.batchOf(4).request);
  const taken = Date.parse(AT);
  assert.equal((await tenant.reconcile({ now: taken + PENDING_MILLIS })).after, 14);
  assert.equal((await tenant.reconcile({ now: taken + PENDING_MILLIS + 1 })).after, 10);
});

test('a batch counted twice, for it was sent again after three days, is put right', {
  skip,
}, async () => {
  const tenant = createTenant();
  const { request } = await tenant.stored(10);
  await ready().send(['DEL', quotaKeys(request).batch]);
  assert.equal(await ready().counts.take(request), 'counted');
  assert.deepEqual(await tenant.reconcile(), { before: 20, after: 10 });
});

test('what was read from an older ledger is not written over what was read from a newer one', {
  skip,
}, async () => {
  const tenant = createTenant();
  await tenant.stored(10);
  const older = await ready().openSnapshot();
  await tenant.stored(5);
  await tenant.reconcile();
  await tenant.reconcile({ openSnapshot: async () => older });
  assert.equal(await tenant.counted(), 15);
});

test('a batch that Pub/Sub does not take is given back at once, and counted when it is sent again', {
  skip,
}, async () => {
  const tenant = createTenant();
  const { envelopes, request } = tenant.batchOf(4);
  let away = true;
  const store = createPubSubStore({
    // A stand-in: the emulator cannot be made to refuse.
    topic: {
      publishMessage: (async () => {
        if (away) throw new Error('away');
        return '1';
      }) as never,
      flush: (async () => {}) as never,
    },
    signer: async () => generateKeyPairSync('ed25519').privateKey,
    counts: ready().counts,
    controlKey: async () => '',
    onFault: () => {},
    now: () => Date.parse(AT),
  });
  const records = envelopes.map((envelope, at) => ({
    ...envelope,
    hash: request.hashes[at] ?? '',
  }));
  const batch = {
    tenantId: tenant.tenantId,
    receivedKey: receivedKey(createEmitter(tenant.tenantId).apiKey),
    records,
    monthlyLimit: 10_000,
  };
  await assert.rejects(store.append(batch), { code: 'store_unavailable' });
  assert.equal(await tenant.counted(), 0);
  away = false;
  await store.append(batch);
  assert.equal(await tenant.counted(), 4);
  // Sent again after its answer was lost: it is on its way, and that it fails now takes nothing back.
  away = true;
  await assert.rejects(store.append(batch), { code: 'store_unavailable' });
  assert.equal(await tenant.counted(), 4);
});

async function served(
  name: string,
  send: SendCommand,
  openSnapshot: OpenSnapshot,
  now: () => number,
) {
  const corrected: string[] = [];
  const faults: string[] = [];
  http(
    name,
    createQuota({
      send,
      openSnapshot,
      now,
      onCorrected: (tenantId) => corrected.push(tenantId),
      onFault: (message) => faults.push(message),
    }),
  );
  const server = getTestServer(name).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    corrected,
    faults,
    ask: (method = 'POST') => fetch(url, { method }),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

test('a call holds each tenant against the ledger once a day, and one that fails does not stop the others', {
  skip,
}, async () => {
  const [one, two] = [createTenant(), createTenant()];
  let at = Date.parse(AT);
  let failing: string | undefined = one.tenantId;
  const openSnapshot: OpenSnapshot = async () => {
    const snapshot = await ready().openSnapshot();
    return {
      ...snapshot,
      // The emulator's clock is today's; the tenants' is the month's.
      at,
      count: (question) =>
        question.tenantId === failing
          ? Promise.reject(new Error('injected'))
          : snapshot.count(question),
    };
  };
  const quota = await served('quota-daily', ready().send, openSnapshot, () => at);
  try {
    for (const tenant of [one, two]) {
      const batch = await tenant.stored(10);
      await ready().send(['SET', quotaKeys(batch.request).count, '3']);
    }
    const first = await quota.ask();
    assert.equal(first.status, 500);
    assert.deepEqual(await first.json(), { reconciled: 1, corrected: 1, failed: 1, left: 0 });
    assert.deepEqual([quota.corrected, quota.faults.length], [[two.tenantId], 1]);
    failing = undefined;
    const second = await quota.ask();
    assert.equal(second.status, 200);
    assert.deepEqual(await second.json(), { reconciled: 1, corrected: 1, failed: 0, left: 0 });
    assert.deepEqual([await one.counted(), await two.counted()], [10, 10]);
    at += EVERY_MILLIS - 1;
    assert.equal(((await (await quota.ask()).json()) as { reconciled: number }).reconciled, 0);
    at += 1;
    assert.equal(((await (await quota.ask()).json()) as { reconciled: number }).reconciled, 2);
    assert.equal((await quota.ask('GET')).status, 405);
  } finally {
    quota.close();
  }
});

test('while Redis is away there is nothing to set right, and the caller is told to come again', async () => {
  const away = await connectRedis('redis://127.0.0.1:1', () => {});
  const quota = await served('quota-away', away.send, () => Promise.reject(new Error()), Date.now);
  try {
    const response = await quota.ask();
    assert.equal(response.status, 503);
    assert.equal(response.headers.get('retry-after'), '60');
  } finally {
    quota.close();
    await away.close();
  }
});
