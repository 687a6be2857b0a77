import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { signerIdOf, traceSignature } from '@vantio/schema';
import { rawPublicKey } from '@vantio/schema/session-signature';
import { signRevocationList } from '../door/revocation-list.ts';
import { connectRedis } from './redis/connect.ts';
import { createCommit } from './spanner/commit.ts';
import { createStoreOnce } from './spanner/store-once.ts';
import { createLedger, skip } from './testing/emulated.ts';
import { createEmitter, type Emitter, keymaker, linesOf } from './testing/records.ts';
import { startSecretManager } from './testing/secret-manager.ts';
import { createTopics } from './testing/topics.ts';
import { createDeadLetter } from './writer/dead-letter.ts';
import { createWriter } from './writer/handler.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const REVOCATIONS = 'projects/vantio-local/secrets/vantio-revocations';
const INGEST_KEY = 'projects/vantio-local/secrets/vantio-ingest-key';
const CONTROL_KEY = 'projects/vantio-local/secrets/vantio-control-key';

const cloud = skip ? undefined : await start();
after(() => cloud?.close());

/** The functions as they are deployed: their entries, configured by the environment, behind the functions framework. */
async function start() {
  const ingestKey = generateKeyPairSync('ed25519');
  const secrets = await startSecretManager();
  const emptyList = { at: '2026-11-23T10:00:00.000000Z', key_ids: [], v: 1, version: 1 } as const;
  secrets.put(REVOCATIONS, signRevocationList(emptyList, keymaker.privateKey));
  secrets.put(INGEST_KEY, pemOf(ingestKey.privateKey));
  secrets.put(CONTROL_KEY, createEmitter('vantio', 'control').apiKey);
  const { database } = await createLedger();
  const topics = await createTopics();
  const redis = await connectRedis(process.env.REDIS_URL ?? '', () => {});
  // The writer's entry asks for a token that the emulator does not send: here it is put together by hand.
  http(
    'test-writer',
    createWriter({
      checkToken: async () => true,
      ingestSigners: new Map([[signerIdOf(ingestKey.publicKey), ingestKey.publicKey]]),
      storeOnce: createStoreOnce({ commit: await createCommit(database) }),
      deadLetter: createDeadLetter(topics.deadLetter),
      log: () => {},
    }),
  );
  Object.assign(process.env, {
    VANTIO_SECRET_MANAGER_HOST: secrets.host,
    VANTIO_KEY_SIGNERS: rawPublicKey(keymaker.publicKey),
    VANTIO_REVOCATIONS_SECRET: REVOCATIONS,
    VANTIO_INGEST_KEY_SECRET: INGEST_KEY,
    VANTIO_CONTROL_KEY_SECRET: CONTROL_KEY,
    VANTIO_LEDGER_TOPIC: topics.ledger.name,
  });
  await import('./entries/ingest.ts');
  await import('./entries/config.ts');
  const servers = ['test-writer', 'ingest', 'config'].map((name) =>
    getTestServer(name).listen(0, '127.0.0.1'),
  );
  const [writer = '', ingest = '', config = ''] = await Promise.all(servers.map(urlOf));
  await topics.pushTo(writer);
  const close = async (): Promise<void> => {
    await topics.close();
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
    secrets.close();
    await redis.close();
    await database.close();
    // The clients that the entries opened live as long as an instance does.
    setTimeout(() => process.exit(), 500).unref();
  };
  return { database, redis, ingest, config, close };
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

async function urlOf(server: Server): Promise<string> {
  if (!server.listening) await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function ready() {
  assert.ok(cloud);
  return cloud;
}

const send = (
  { apiKey }: Pick<Emitter, 'apiKey'>,
  lines: readonly string[],
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> =>
  fetch(`${ready().ingest}/api/v1/ingest`, {
    method: 'POST',
    body: lines.join('\n'),
    headers: {
      authorization: `Bearer ${apiKey}`,
      'content-type': 'application/x-ndjson',
      ...headers,
    },
  });

const problemOf = async (response: Response): Promise<string> =>
  ((await response.json()) as { type: string }).type.replace('urn:vantio:problem:', '');

async function stored(condition: string): Promise<number> {
  const [rows] = await ready().database.run({
    sql: `SELECT COUNT(*) AS Total FROM TrueTimeLedger WHERE ${condition}`,
    json: true,
  });
  return (rows[0] as unknown as { Total: number }).Total;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < 30_000; waited += 100) {
    if (await condition()) return;
    await sleep(100);
  }
  assert.fail('it did not come to be');
}

test('a batch goes from HTTP through Pub/Sub to Spanner', { skip }, async () => {
  const emitter = createEmitter('e2e');
  const response = await send(emitter, linesOf(emitter, 20));
  assert.equal(response.status, 202);
  assert.equal(response.headers.get('x-vantio-signature'), traceSignature(emitter.apiKey, TRACE));
  const { events } = (await response.json()) as { events: readonly { status: string }[] };
  assert.deepEqual(new Set(events.map(({ status }) => status)), new Set(['accepted']));
  await until(async () => (await stored("TenantId = 'e2e'")) === 20);
});

test('the door: forged, revoked, coded, malformed; nothing of it is published', {
  skip,
}, async () => {
  const emitter = createEmitter('door');
  const lines = linesOf(emitter, 3);
  const forged = createEmitter('door', 'paid', generateKeyPairSync('ed25519').privateKey);
  assert.equal((await send(forged, lines)).status, 401);
  assert.equal(
    await problemOf(await send(emitter, lines, { 'content-encoding': 'identity' })),
    'unsupported_encoding',
  );
  assert.equal(await problemOf(await send(emitter, [...lines, '{}'])), 'invalid_record');
  assert.equal(await problemOf(await send(createEmitter('other'), lines)), 'wrong_tenant');
  assert.equal((await fetch(`${ready().config}/api/v1/config`)).status, 401);
  const own = await fetch(`${ready().config}/api/v1/config`, {
    headers: { authorization: `Bearer ${emitter.apiKey}` },
  });
  assert.equal(((await own.json()) as { tenant_id: string }).tenant_id, 'door');
  assert.equal((await fetch(`${ready().config}/api/v1/openapi.json`)).status, 200);
});

test('past the monthly quota a batch is refused whole, and the ledger says so', {
  skip,
}, async () => {
  const emitter = createEmitter(`q${process.pid}`, 'free');
  const lines = linesOf(emitter, 30);
  const month = new Date().toISOString().slice(0, 7);
  // What other instances have counted.
  await ready().redis.send(['SET', `vantio:events:{${emitter.tenantId}}:${month}`, '9981']);
  assert.equal((await send(emitter, lines.slice(0, 20))).status, 202);
  // Sent again, as after a lost answer, and not counted again.
  assert.equal((await send(emitter, lines.slice(0, 20))).status, 202);
  const refused = await send(emitter, lines.slice(20));
  assert.equal(refused.status, 429);
  assert.ok(Number(refused.headers.get('retry-after')) > 0);
  await until(
    async () =>
      (await stored(`EventType = 'quota_refused' AND SubjectTenantId = '${emitter.tenantId}'`)) ===
      1,
  );
});

test('the hundred-and-first request of a minute is refused', { skip }, async () => {
  const emitter = createEmitter('rate');
  const [line = ''] = linesOf(emitter, 1);
  const statuses = [];
  for (let request = 0; request < 101; request++)
    statuses.push((await send(emitter, [line])).status);
  assert.deepEqual(statuses, [...Array(100).fill(202), 429]);
  const late = await send(emitter, [line]);
  assert.equal(late.headers.get('ratelimit-remaining'), '0');
});
