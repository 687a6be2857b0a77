import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { PubSub } from '@google-cloud/pubsub';
import { parseLedgerLine, signerIdOf } from '@vantio/schema';
import { sealBatch } from '@vantio/schema/wire/sealed-batch';
import { startLocal } from '../../local/start-local.ts';
import { NotRecordedError } from '../send-control-batch.ts';
import { createCommit } from '../spanner/commit.ts';
import { GRPC } from '../spanner/grpc-status.ts';
import { createStoreOnce } from '../spanner/store-once.ts';
import { createLedger, skip } from '../testing/emulated.ts';
import { createEmitter, linesOf } from '../testing/records.ts';
import { createDeadLetter } from '../writer/dead-letter.ts';
import { createWriter, type WriterEntry } from '../writer/handler.ts';
import { type Letter, type LetterFilter, UNREASONED } from './letter.ts';
import { listLetters } from './list-letters.ts';
import { openSubscriber, type Subscriber } from './open-subscriber.ts';
import { recordReplays } from './record-replays.ts';
import { type ReplayOutcome, replayLetters } from './replay-letters.ts';

const QUIET = { limit: 100, quietMillis: 1500 };
const setup = skip ? undefined : await start();
after(() => setup?.close());

/** A writer on the emulators, whose trust in ingests and whose database a test can spoil. */
async function start() {
  const { database } = await createLedger();
  const commit = await createCommit(database);
  const spoilt = { away: false };
  const signers = new Map();
  const entries: WriterEntry[] = [];
  const pubsub = new PubSub({ projectId: 'vantio-local' });
  const id = randomBytes(6).toString('hex');
  const [ledger] = await pubsub.createTopic(`ledger-${id}`);
  const [dead] = await pubsub.createTopic(`dead-${id}`);
  const [letters] = await dead.createSubscription(`letters-${id}`);
  http(
    'dlq-writer',
    createWriter({
      checkToken: async () => true,
      ingestSigners: signers,
      storeOnce: createStoreOnce({
        attempts: 1,
        commit: async (inserts) => {
          if (spoilt.away) throw Object.assign(new Error('injected'), { code: GRPC.unavailable });
          return commit(inserts);
        },
      }),
      deadLetter: createDeadLetter(dead),
      log: (entry) => entries.push(entry),
    }),
  );
  const server = getTestServer('dlq-writer').listen(0, '127.0.0.1');
  await once(server, 'listening');
  await ledger.createSubscription(`writer-${id}`, {
    pushConfig: { pushEndpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    retryPolicy: { minimumBackoff: { seconds: 0 }, maximumBackoff: { seconds: 1 } },
    deadLetterPolicy: { deadLetterTopic: dead.name, maxDeliveryAttempts: 5 },
  });
  const subscriber = await openSubscriber(letters.name);
  const publish = (data: Buffer): Promise<string> => ledger.publishMessage({ data });
  return {
    database,
    entries,
    spoilt,
    signers,
    subscriber,
    publish,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await subscriber.close();
      await pubsub.close();
      await database.close();
    },
  };
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

/** A batch of its own tenant, sealed by an ingest that nobody trusts yet. */
function batchOf(count: number) {
  const tenantId = `t${randomBytes(5).toString('hex')}`;
  const emitter = createEmitter(tenantId);
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const header = {
    tenant_id: tenantId,
    key_id: emitter.keyId,
    received_at: '2026-11-23T10:00:00.000000Z',
  };
  return {
    tenantId,
    keyId: emitter.keyId,
    data: Buffer.from(sealBatch(header, linesOf(emitter, count), privateKey)),
    trust: () => ready().signers.set(signerIdOf(publicKey), publicKey),
    doubt: () => ready().signers.delete(signerIdOf(publicKey)),
    signerId: signerIdOf(publicKey),
  };
}

const storedOf = async (tenantId: string): Promise<number> => {
  const [rows] = await ready().database.run({
    sql: 'SELECT COUNT(*) AS Total FROM TrueTimeLedger WHERE TenantId = @tenantId',
    params: { tenantId },
    json: true,
  });
  return (rows[0] as unknown as { Total: number }).Total;
};

const buried = (messageId: string): Promise<void> =>
  until(() =>
    ready().entries.some(
      ({ event, message_id }) => event === 'dead_letter' && message_id === messageId,
    ),
  );

const lettersOf = async (filter: LetterFilter): Promise<readonly Letter[]> =>
  (await listLetters({ ...QUIET, subscriber: ready().subscriber, filter })).letters;

async function replay(
  filter: LetterFilter,
  publish: (data: Buffer) => Promise<string> = ready().publish,
): Promise<readonly ReplayOutcome[]> {
  const outcomes: ReplayOutcome[] = [];
  const onOutcome = (outcome: ReplayOutcome) => void outcomes.push(outcome);
  const leases: string[] = [];
  const subscriber: Subscriber = {
    ...ready().subscriber,
    pull: async (...wanted) => {
      const pulled = await ready().subscriber.pull(...wanted);
      leases.push(...pulled.map(({ ackId }) => ackId));
      return pulled;
    },
  };
  await replayLetters({ ...QUIET, quietMillis: 3000, subscriber, filter, publish, onOutcome });
  // What was only held, and not acknowledged, would show up again after this.
  await subscriber.release(leases);
  return outcomes;
}

test('a listed letter says whose it is and why, shows no content, and is still there', {
  skip,
}, async () => {
  const { tenantId, keyId, data, signerId } = batchOf(3);
  const messageId = await ready().publish(data);
  await buried(messageId);
  await ready().publish(Buffer.from('not ours'));
  await until(() => ready().entries.some(({ reason }) => reason === 'malformed_message'));
  for (let look = 0; look < 2; look++) {
    const [letter, ...others] = await lettersOf({ tenantId });
    assert.ok(letter);
    assert.deepEqual(others, []);
    const { deadSince, messageId: ownId, ...rest } = letter;
    assert.deepEqual(rest, {
      reason: 'unknown_signer',
      sourceMessageId: messageId,
      bytes: data.length,
      claims: {
        tenant_id: tenantId,
        key_id: keyId,
        received_at: '2026-11-23T10:00:00.000000Z',
        records: 3,
        signer_id: signerId,
      },
    });
    assert.ok(deadSince > 0 && ownId !== messageId);
  }
  const malformed = await lettersOf({ reason: 'malformed_message' });
  assert.ok(malformed.length > 0);
  for (const { claims } of malformed) assert.equal(claims, undefined);
  const { letters, more } = await listLetters({
    subscriber: ready().subscriber,
    limit: 1,
    quietMillis: 1500,
    filter: {},
  });
  assert.deepEqual([letters.length, more], [1, true]);
  assert.ok((await lettersOf({})).length >= 2);
});

test('a replayed letter is in the ledger once, however often it is sent, and gone from here', {
  skip,
}, async () => {
  const { tenantId, data, trust } = batchOf(5);
  for (let time = 0; time < 2; time++) await buried(await ready().publish(data));
  trust();
  const outcomes = await replay({ tenantId });
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ['replayed', 'replayed'],
  );
  await until(() => ready().entries.filter(({ tenant_id }) => tenant_id === tenantId).length >= 2);
  assert.equal(await storedOf(tenantId), 5);
  assert.deepEqual(await lettersOf({ tenantId }), []);
});

test('a letter that fails again comes back with its reason, and is sent once', {
  skip,
}, async () => {
  const { tenantId, data } = batchOf(2);
  await buried(await ready().publish(data));
  const outcomes = await replay({ tenantId });
  assert.deepEqual(
    outcomes.map(({ kind, letter }) => [kind, letter.reason]),
    [
      ['replayed', 'unknown_signer'],
      ['returned', 'unknown_signer'],
    ],
  );
  assert.equal((await lettersOf({ tenantId })).length, 1);
  assert.equal(await storedOf(tenantId), 0);
});

test('a letter that the topic did not take stays', { skip }, async () => {
  const { tenantId, data } = batchOf(2);
  await buried(await ready().publish(data));
  const failing = (code: number) => () =>
    Promise.reject(Object.assign(new Error('injected'), { code }));
  await assert.rejects(replay({ tenantId }, failing(GRPC.unavailable)), { message: 'injected' });
  assert.equal((await lettersOf({ tenantId })).length, 1);
  const outcomes = await replay({ tenantId }, failing(GRPC.invalidArgument));
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ['refused'],
  );
  assert.equal((await lettersOf({ tenantId })).length, 1);
});

test('a message that Pub/Sub itself gave up is told from the others, and can be sent again', {
  skip,
}, async () => {
  const { spoilt, publish } = ready();
  const { tenantId, data, trust } = batchOf(4);
  trust();
  spoilt.away = true;
  await publish(data);
  let letters: readonly Letter[] = [];
  await until(async () => {
    letters = await lettersOf({ tenantId });
    return letters.length > 0;
  });
  spoilt.away = false;
  assert.deepEqual(
    letters.map(({ reason, deliveries }) => [reason, deliveries]),
    [[UNREASONED.attempts, 5]],
  );
  await replay({ reason: UNREASONED.attempts });
  await until(async () => (await storedOf(tenantId)) === 4);
  assert.deepEqual(await lettersOf({ tenantId }), []);
});

test('the ledger is told of a replay, and of a tenant only where the writer had seen a signature', {
  skip,
}, async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'vantio-dlq-'));
  const outputFile = join(stateDir, 'ledger.ndjson');
  const server = await startLocal({ stateDir, outputFile, port: 0 });
  try {
    const controlKey = readFileSync(join(stateDir, 'control.key'), 'utf8').trim();
    const { tenantId, data } = batchOf(2);
    await buried(await ready().publish(data));
    const [letter] = await lettersOf({ tenantId });
    assert.ok(letter);
    const letters = [letter, { ...letter, reason: 'check_failed' }];
    await recordReplays({ controlKey, ingestUrl: server.url, letters });
    const records = readFileSync(outputFile, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => parseLedgerLine(line).record)
      .filter(({ event_type }) => event_type.startsWith('dead_letter'));
    const message = letter.sourceMessageId;
    assert.deepEqual(
      records.map((record) => [
        record.event_type,
        record.reason_code,
        record.message_id,
        record.subject_tenant_id,
        record.records,
      ]),
      [
        ['dead_letter', 'unknown_signer', message, undefined, undefined],
        ['dead_letter_replay', undefined, message, undefined, undefined],
        ['dead_letter', 'check_failed', message, tenantId, 2],
        ['dead_letter_replay', undefined, message, tenantId, 2],
      ],
    );
    const refused = { controlKey: createEmitter('acme', 'control').apiKey, letters };
    await assert.rejects(recordReplays({ ...refused, ingestUrl: server.url }), NotRecordedError);
  } finally {
    await server.close();
    rmSync(stateDir, { recursive: true });
  }
});
