import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeApiKey, readApiKey } from '@vantio/schema';
import { createKey, openKeymaker, revokeKey } from '../local/main.ts';
import { createEmitter, ndjson } from '../testing/emitter.ts';
import { emitted } from '../testing/ledger.ts';
import { createHouse, post, statuses } from '../testing/local.ts';

const LOOK_AGAIN_MILLIS = 1100;
const aMoment = () => new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MILLIS));
const codeOf = (type: string): string => type.replace('urn:vantio:problem:', '');

test('missing, malformed, foreign, forged and expired keys are told apart', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const { stateDir } = house;
  const good = house.key();
  const stranger = generateKeyPairSync('ed25519').privateKey;
  const { privateKey } = openKeymaker(stateDir);
  const parts = good.split('.');
  const cases: readonly [apiKey: string | undefined, code: string][] = [
    [undefined, 'missing_key'],
    ['vk1.x', 'malformed_key'],
    ['a'.repeat(600), 'missing_key'],
    [makeApiKey({ tenantId: 'acme', plan: 'local' }, stranger), 'unknown_signer'],
    [parts.with(1, 'other').join('.'), 'forged_key'],
    [parts.with(3, 'control').join('.'), 'forged_key'],
    [parts.with(4, '99999999999').join('.'), 'forged_key'],
    [parts.with(6, 'A'.repeat(43)).join('.'), 'forged_key'],
    [makeApiKey({ tenantId: 'acme', plan: 'local', expiresAt: 1 }, privateKey), 'expired_key'],
  ];
  for (const [apiKey, code] of cases) {
    const answer = await post(server.url, apiKey, ndjson(createEmitter(good).batch(1)));
    assert.equal(answer.status, 401);
    assert.equal(codeOf(answer.body.type), code);
    assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer realm="vantio"/);
  }
  assert.equal(emitted(house.ledger).length, 0);
});

test('a remembered key still expires', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const expiresAt = Math.ceil(Date.now() / 1000) + 1;
  const apiKey = createKey(house.stateDir, { tenantId: 'acme', expiresAt });
  assert.equal(
    (await post(server.url, apiKey, ndjson(createEmitter(apiKey).batch(1)))).status,
    202,
  );
  await new Promise((resolve) => setTimeout(resolve, expiresAt * 1000 - Date.now() + 20));
  const answer = await post(server.url, apiKey, ndjson(createEmitter(apiKey).batch(1)));
  assert.equal(codeOf(answer.body.type), 'expired_key');
});

test('a key is locked out soon after it is revoked, and for good', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const [revoked, other] = [house.key(), house.key()];
  const ask = (apiKey: string) => post(server.url, apiKey, ndjson(createEmitter(apiKey).batch(1)));
  assert.equal((await ask(revoked)).status, 202);
  assert.equal(revokeKey(house.stateDir, readApiKey(revoked).keyId), true);
  assert.equal(revokeKey(house.stateDir, readApiKey(revoked).keyId), false);
  await aMoment();
  assert.equal(codeOf((await ask(revoked)).body.type), 'revoked_key');
  assert.equal((await ask(other)).status, 202);
  await server.close();
  const again = await house.start();
  const answer = await post(again.url, revoked, ndjson(createEmitter(revoked).batch(1)));
  assert.equal(codeOf(answer.body.type), 'revoked_key');
});

test('a damaged, forged, rolled back or vanished revocation list lets nobody in, until it is repaired', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const apiKey = house.key();
  const path = join(house.stateDir, 'revoked.json');
  const ask = async () => {
    await aMoment();
    return post(server.url, apiKey, ndjson(createEmitter(apiKey).batch(1)));
  };
  revokeKey(house.stateDir, readApiKey(house.key()).keyId);
  const first = readFileSync(path, 'utf8');
  assert.equal((await ask()).status, 202);
  revokeKey(house.stateDir, readApiKey(house.key()).keyId);
  const second = readFileSync(path, 'utf8');
  assert.equal((await ask()).status, 202);
  const spoilt = [second.replace('"version":2', '"version":3'), first, '{', undefined];
  for (const text of spoilt) {
    if (text === undefined) rmSync(path);
    else writeFileSync(path, text);
    const answer = await ask();
    assert.equal(answer.status, 503);
    assert.equal(codeOf(answer.body.type), 'revocations_unreadable');
    assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/);
  }
  writeFileSync(path, second);
  assert.equal((await ask()).status, 202);
});

test('a record under another tenant or key than the caller is refused by record and field', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const mine = house.key('acme');
  const others: readonly [string, string, string][] = [
    [house.key('globex'), 'wrong_tenant', 'tenant_id'],
    [house.key('acme'), 'wrong_key', 'key_id'],
  ];
  for (const [theirs, code, field] of others) {
    const body = ndjson([...createEmitter(mine).batch(1), ...createEmitter(theirs).batch(0)]);
    const answer = await post(server.url, mine, body);
    assert.equal(answer.status, 422);
    assert.equal(codeOf(answer.body.type), code);
    assert.equal(answer.body.record, 2);
    assert.equal(answer.body.field, field);
  }
  assert.equal(emitted(house.ledger).length, 0);
});

test('a record replayed under another tenant is refused, and one tenant cannot block the session of another', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const [mine, theirs] = [house.key('acme'), house.key('globex')];
  const records = createEmitter(theirs).batch(1);
  const replayed = records.map((sealed) => ({
    ...sealed,
    envelope: sealed.envelope.replace('"tenant_id":"globex"', '"tenant_id":"acme"'),
  }));
  assert.equal((await post(server.url, mine, ndjson(replayed))).status, 422);
  assert.equal((await post(server.url, mine, ndjson(records))).status, 422);
  const answer = await post(server.url, theirs, ndjson(records));
  assert.deepEqual(statuses(answer), ['accepted', 'accepted']);
});

test('a MAC that does not hold is refused', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const apiKey = house.key();
  const [start, event] = createEmitter(apiKey).batch(1);
  assert.ok(start && event);
  const swapped = `${start.envelope}\n${event.envelope.replace(event.mac, start.mac)}`;
  const answer = await post(server.url, apiKey, swapped);
  assert.equal(codeOf(answer.body.type), 'bad_mac');
  assert.equal(answer.body.record, 1);
  assert.equal(answer.body.field, 'record_mac');
  const changed = await post(
    server.url,
    apiKey,
    event.envelope.replace('"duration_us":1', '"duration_us":2'),
  );
  assert.equal(codeOf(changed.body.type), 'bad_mac');
});
