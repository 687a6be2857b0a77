import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { makeApiKey, signerIdOf } from '@vantio/schema';
import { configAnswerSchema } from '@vantio/schema/wire/config-answer';
import { createIngest } from '../ingest/handler.ts';
import type { LedgerStore } from '../ingest/ledger-store.ts';
import { nextMonth } from '../ingest/quota.ts';
import { frameworkListener } from '../local/routes.ts';
import { createEmitter, ndjson } from '../testing/emitter.ts';
import { emitted } from '../testing/ledger.ts';
import { createHouse, post, statuses } from '../testing/local.ts';
import { createDoorkeeper } from './doorkeeper.ts';
import { createRateLimiter } from './rate-limit.ts';
import { createRefusalNotes } from './refusal-notes.ts';

test('the 101st request of a minute is refused with the draft-6 headers, for that key alone', async (t) => {
  const house = createHouse(t);
  const server = await house.start({ rateLimit: 100 });
  const [busy, other] = [house.key(), house.key()];
  const body = ndjson(createEmitter(busy).batch(1));
  const first = await post(server.url, busy, body);
  assert.equal(first.headers.get('ratelimit-limit'), '100');
  assert.equal(first.headers.get('ratelimit-remaining'), '99');
  assert.equal(first.headers.get('ratelimit-policy'), '100;w=60');
  assert.match(first.headers.get('ratelimit-reset') ?? '', /^\d+$/);
  for (let sent = 1; sent < 100; sent++)
    assert.equal((await post(server.url, busy, body)).status, 202);
  const refused = await post(server.url, busy, body);
  assert.equal(refused.status, 429);
  assert.equal(refused.body.type, 'urn:vantio:problem:rate_limited');
  assert.match(refused.headers.get('content-type') ?? '', /^application\/problem\+json/);
  assert.equal(refused.headers.get('ratelimit-remaining'), '0');
  const wait = Number(refused.headers.get('retry-after'));
  assert.ok(wait > 0 && wait <= 60);
  assert.equal((await post(server.url, other, ndjson(createEmitter(other).batch(1)))).status, 202);
  const config = await fetch(`${server.url}/api/v1/config`, {
    headers: { authorization: `Bearer ${busy}` },
  });
  assert.equal(config.status, 429);
});

test('key, revocation and rate are answered without the store, which may fail to note a refusal', async (t) => {
  const signer = generateKeyPairSync('ed25519');
  const touched = (): never => assert.fail('the store was touched');
  const store: LedgerStore = {
    append: touched,
    countedThisMonth: touched,
    note: touched,
    close: touched,
  };
  const revoked = new Set<string>();
  const faults: string[] = [];
  const onFault = (message: string) => faults.push(message);
  const noteRefusal = createRefusalNotes({ note: touched, onFault });
  const ingest = createIngest({
    store,
    noteRefusal,
    doorkeeper: createDoorkeeper({
      signers: new Map([[signerIdOf(signer.publicKey), signer.publicKey]]),
      revocations: () => revoked,
    }),
    rateLimiter: createRateLimiter(1, noteRefusal),
    onFault,
  });
  const server = createServer(frameworkListener('ingest-without-store', ingest));
  server.listen(0, '127.0.0.1');
  t.after(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const apiKey = makeApiKey({ tenantId: 'acme', plan: 'free' }, signer.privateKey);
  const body = ndjson(createEmitter(apiKey).batch(100));
  assert.equal((await post(url, undefined, body)).status, 401);
  assert.equal((await post(url, apiKey, body, { 'content-type': 'text/plain' })).status, 415);
  assert.equal((await post(url, apiKey, body)).status, 429);
  revoked.add(apiKey.split('.')[2] ?? '');
  assert.equal((await post(url, apiKey, body)).status, 401);
  assert.deepEqual(faults, ['a refusal cannot be noted']);
});

test('the free plan takes 10,000 events a month and not one more, over restarts', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const [apiKey, sameTenant] = [house.key('acme', 'free'), house.key('acme', 'free')];
  const emitter = createEmitter(apiKey);
  const first = ndjson(emitter.batch(4999));
  assert.equal((await post(server.url, apiKey, first)).status, 202);
  const second = ndjson(Array.from({ length: 4991 }, () => emitter.event()));
  assert.equal((await post(server.url, apiKey, second)).status, 202);
  assert.deepEqual(
    new Set(statuses(await post(server.url, apiKey, second))),
    new Set(['duplicate']),
  );

  const other = createEmitter(sameTenant);
  const eleven = other.batch(11);
  const over = await post(server.url, sameTenant, ndjson(eleven));
  assert.equal(over.status, 429);
  assert.equal(over.body.type, 'urn:vantio:problem:quota_exceeded');
  assert.equal(over.body.resets_at, nextMonth(Date.now()).toISOString());
  assert.ok(Number(over.headers.get('retry-after')) > 0);
  assert.equal((await post(server.url, sameTenant, ndjson(eleven.slice(0, 11)))).status, 202);
  const held = emitted(house.ledger).length;
  assert.equal(held, 5000 + 4991 + 11);
  await server.close();

  const again = await house.start();
  const event = other.event();
  assert.equal((await post(again.url, sameTenant, ndjson([event]))).status, 429);
  const closing = [other.seal({ event_type: 'loss', lost_events: 1, loss_reason: 'quota' })];
  closing.push(other.seal({ event_type: 'session_end', end_reason: 'shutdown' }));
  assert.equal((await post(again.url, sameTenant, ndjson(closing))).status, 202);
  const large = createEmitter(apiKey);
  assert.equal((await post(again.url, apiKey, ndjson(large.batch(200)))).status, 429);
  assert.equal((await post(again.url, house.key('globex', 'free'), ndjson(eleven))).status, 422);
});

test('plan local has no quota', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const apiKey = house.key('acme', 'local');
  const emitter = createEmitter(apiKey);
  for (const records of [
    emitter.batch(4999),
    ...[1, 2].map(() => Array.from({ length: 4999 }, () => emitter.event())),
  ])
    assert.equal((await post(server.url, apiKey, ndjson(records))).status, 202);
});

test('config tells the plan and its limits, and a poll with its ETag costs a 304', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const authorization = `Bearer ${house.key('acme', 'free')}`;
  const url = `${server.url}/api/v1/config`;
  const response = await fetch(url, { headers: { authorization } });
  assert.equal(response.status, 200);
  const config = configAnswerSchema.parse(await response.json());
  assert.equal(config.tenant_id, 'acme');
  assert.equal(config.limits.events_per_month, 10_000);
  const etag = response.headers.get('etag') ?? '';
  const again = await fetch(url, { headers: { authorization, 'if-none-match': `W/${etag}` } });
  assert.equal(again.status, 304);
  assert.equal(await again.text(), '');
  const changed = await fetch(url, { headers: { authorization, 'if-none-match': '"other"' } });
  assert.equal(changed.status, 200);
  assert.equal((await fetch(url)).status, 401);
});

test('the quota starts afresh on the first of the month, UTC', () => {
  assert.equal(nextMonth(Date.UTC(2026, 10, 30, 23, 59)).toISOString(), '2026-12-01T00:00:00.000Z');
  assert.equal(nextMonth(Date.UTC(2026, 11, 1)).toISOString(), '2027-01-01T00:00:00.000Z');
});
