import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { receivedKey, recordHash, signerIdOf } from '@vantio/schema';
import { sealBatch } from '@vantio/schema/wire/sealed-batch';
import { createPubSubStore } from '../pubsub/pubsub-store.ts';
import { createMemoryCounts } from '../redis/monthly-counts.ts';
import { createCommit } from '../spanner/commit.ts';
import { GRPC } from '../spanner/grpc-status.ts';
import type { Commit } from '../spanner/insert-rows.ts';
import { createStoreOnce } from '../spanner/store-once.ts';
import { createLedger, skip } from '../testing/emulated.ts';
import { createEmitter, envelopesOf, linesOf } from '../testing/records.ts';
import { createTopics } from '../testing/topics.ts';
import { createDeadLetter } from './dead-letter.ts';
import { createWriter, type WriterEntry } from './handler.ts';

const ingest = generateKeyPairSync('ed25519');
const setup = skip ? undefined : await start();
after(() => setup?.close());

async function start() {
  const { database } = await createLedger();
  const commit = await createCommit(database);
  const faults: number[] = [];
  const flaky: Commit = async (inserts) => {
    const code = faults.shift();
    if (code !== undefined) throw Object.assign(new Error('injected'), { code });
    return commit(inserts);
  };
  const entries: WriterEntry[] = [];
  const topics = await createTopics();
  http(
    'writer',
    createWriter({
      // The emulator sends no token; what a token must be is tested in push-token.test.ts.
      checkToken: async () => true,
      ingestSigners: new Map([[signerIdOf(ingest.publicKey), ingest.publicKey]]),
      storeOnce: createStoreOnce({ commit: flaky, attempts: 1 }),
      deadLetter: createDeadLetter(topics.deadLetter),
      log: (entry) => entries.push(entry),
    }),
  );
  const server = getTestServer('writer').listen(0, '127.0.0.1');
  await once(server, 'listening');
  await topics.pushTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const store = createPubSubStore({
    topic: topics.ledger,
    signer: async () => ingest.privateKey,
    counts: createMemoryCounts(),
    controlKey: async () => createEmitter('vantio', 'control').apiKey,
    onFault: () => {},
  });
  const close = async (): Promise<void> => {
    await topics.close();
    server.closeAllConnections();
    server.close();
    await database.close();
  };
  return { database, entries, faults, store, topics, close };
}

function ready() {
  assert.ok(setup);
  return setup;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < 30_000; waited += 50) {
    if (await condition()) return;
    await sleep(50);
  }
  assert.fail('it did not come to be');
}

const countOf = async (sessionId: string): Promise<number> => {
  const [rows] = await ready().database.run({
    sql: 'SELECT COUNT(*) AS Total FROM TrueTimeLedger WHERE SessionId = @sessionId',
    params: { sessionId },
    json: true,
  });
  return (rows[0] as unknown as { Total: number }).Total;
};

function batchOf(count: number) {
  const emitter = createEmitter('acme');
  const records = envelopesOf(emitter, count).map((envelope) => ({
    ...envelope,
    hash: recordHash(envelope.canonical),
  }));
  const batch = { tenantId: 'acme', receivedKey: receivedKey(emitter.apiKey), records };
  return { emitter, batch, sessionId: records[0]?.record.session_id ?? '' };
}

test('what ingest publishes is pushed to the writer and stands in the ledger once', {
  skip,
}, async () => {
  const { store } = ready();
  const { batch, sessionId } = batchOf(60);
  const { statuses } = await store.append(batch);
  assert.equal(statuses.length, 60);
  await until(async () => (await countOf(sessionId)) === 60);
  await store.append(batch);
  const stored = ready().entries.length;
  await until(() => ready().entries.length >= stored + 1);
  assert.equal(await countOf(sessionId), 60);
});

test('a message is delivered again until the database has taken it', { skip }, async () => {
  const { store, faults, entries } = ready();
  faults.push(GRPC.unavailable, GRPC.deadlineExceeded, GRPC.permissionDenied);
  const { batch, sessionId } = batchOf(5);
  const before = entries.length;
  await store.append(batch);
  await until(async () => (await countOf(sessionId)) === 5);
  const seen = entries.slice(before).map(({ event, reason }) => reason ?? event);
  // The emulator aborts what meets another transaction; then there is one retry more.
  assert.deepEqual(
    seen.filter((reason) => reason !== `code_${GRPC.aborted}`),
    [
      `code_${GRPC.unavailable}`,
      `code_${GRPC.deadlineExceeded}`,
      `code_${GRPC.permissionDenied}`,
      'stored',
    ],
  );
});

test('a publisher other than ingest puts nothing in the ledger; the dead letter says why', {
  skip,
}, async () => {
  const { topics } = ready();
  const emitter = createEmitter('acme');
  const header = {
    tenant_id: 'acme',
    key_id: emitter.keyId,
    received_at: '2026-11-23T10:00:00.000000Z',
  };
  const forged = sealBatch(header, linesOf(emitter, 2), generateKeyPairSync('ed25519').privateKey);
  const letter = topics.nextDeadLetter();
  await topics.ledger.publishMessage({ data: Buffer.from(forged) });
  assert.equal((await letter).reason, 'unknown_signer');
  const another = topics.nextDeadLetter();
  await topics.ledger.publishMessage({ data: Buffer.from('not ours') });
  assert.equal((await another).reason, 'malformed_message');
});
