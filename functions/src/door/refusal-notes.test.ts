import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type AuditRecord, readApiKey } from '@vantio/schema';
import { revokeKey } from '../local/main.ts';
import { createEmitter, ndjson } from '../testing/emitter.ts';
import { readLedger, verifyLedger } from '../testing/ledger.ts';
import { createHouse, type House, post } from '../testing/local.ts';
import type { Caller } from './doorkeeper.ts';
import { createRefusalNotes } from './refusal-notes.ts';

const MINUTE = 60_000;

/** Asks so often in turn, and tells how often each status came. */
async function ask(url: string, apiKey: string, times: number): Promise<Record<number, number>> {
  const statuses: Record<number, number> = {};
  for (let asked = 0; asked < times; asked++) {
    const response = await fetch(`${url}/api/v1/config`, {
      headers: { authorization: `Bearer ${apiKey}` },
    });
    await response.arrayBuffer();
    statuses[response.status] = (statuses[response.status] ?? 0) + 1;
  }
  return statuses;
}

/** Records of the control plane of that type, each as the fields that matter here. */
const noted = ({ ledger }: House, type: AuditRecord['event_type']) =>
  readLedger(ledger)
    .filter(({ record }) => record.event_type === type)
    .map(({ record }) => ({
      action: record.action_taken,
      key: record.subject_key_id,
      tenant: record.subject_tenant_id,
      count: record.count,
      lost: record.lost_events,
    }));

test('a thousand refusals for rate are one record a minute, and the next one counts them', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  const house = createHouse(t);
  const server = await house.start({ rateLimit: 100 });
  const [busy, other] = [house.key(), house.key('globex')];
  assert.deepEqual(await ask(server.url, busy, 1100), { 200: 100, 429: 1000 });
  assert.deepEqual(await ask(server.url, other, 101), { 200: 100, 429: 1 });
  t.mock.timers.tick(MINUTE - 1);
  assert.deepEqual(await ask(server.url, busy, 1), { 429: 1 });
  t.mock.timers.tick(1);
  assert.deepEqual(await ask(server.url, busy, 110), { 200: 100, 429: 10 });
  await server.close();
  const record = { action: 'REFUSED_RATE', key: readApiKey(busy).keyId, tenant: 'acme' };
  const first = { ...record, count: undefined, lost: undefined };
  assert.deepEqual(noted(house, 'rate_refused'), [
    first,
    { ...first, key: readApiKey(other).keyId, tenant: 'globex' },
    { ...first, count: 1001 },
  ]);
  assert.deepEqual(verifyLedger(house.ledger, [house.controlKey()]).wrong, {});
  assert.deepEqual(house.log, []);
});

test('a clock that is set back ends the minute, and what is recorded then is in form', async (t) => {
  const now = Date.now();
  t.mock.timers.enable({ apis: ['Date'], now });
  const house = createHouse(t);
  const server = await house.start({ rateLimit: 0 });
  const apiKey = house.key();
  await ask(server.url, apiKey, 3);
  t.mock.timers.setTime(now - 10 * MINUTE);
  await ask(server.url, apiKey, 1);
  await server.close();
  assert.deepEqual(
    noted(house, 'rate_refused').map(({ count }) => count),
    [undefined, 3],
  );
  assert.deepEqual(verifyLedger(house.ledger, [house.controlKey()]).wrong, {});
});

test('so many keys are remembered and no more, and a minute later there is room again', async () => {
  let now = 0;
  let told = 0;
  const noteRefusal = createRefusalNotes({
    note: () => told++,
    onFault: () => assert.fail(),
    now: () => now,
  });
  const refuse = (from: number, to: number): void => {
    for (let key = from; key < to; key++)
      noteRefusal({ kind: 'rate', caller: { claims: { keyId: String(key) } } as Caller });
  };
  const toldSoFar = (): Promise<number> =>
    new Promise((resolve) => setImmediate(() => resolve(told)));
  refuse(0, 10_000);
  assert.equal(await toldSoFar(), 4096);
  refuse(0, 10_000);
  assert.equal(await toldSoFar(), 4096);
  now = MINUTE;
  refuse(20_000, 20_010);
  assert.equal(await toldSoFar(), 4106);
});

test('a refusal for the quota is recorded with the events that were refused, where they were read', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const apiKey = house.key('acme', 'free');
  const emitter = createEmitter(apiKey);
  const events = (many: number) => ndjson(Array.from({ length: many }, () => emitter.event()));
  assert.equal((await post(server.url, apiKey, ndjson(emitter.batch(4999)))).status, 202);
  assert.equal((await post(server.url, apiKey, events(4990))).status, 202);
  const eleven = createEmitter(apiKey).batch(12);
  assert.equal((await post(server.url, apiKey, ndjson(eleven))).status, 429);
  assert.equal((await post(server.url, apiKey, events(11))).status, 202);
  const unread = house.key('acme', 'free');
  const large = ndjson(createEmitter(unread).batch(200));
  assert.equal((await post(server.url, unread, large)).status, 429);
  await server.close();
  const record = { action: 'REFUSED_QUOTA', tenant: 'acme', count: undefined };
  assert.deepEqual(noted(house, 'quota_refused'), [
    { ...record, key: readApiKey(apiKey).keyId, lost: 12 },
    { ...record, key: readApiKey(unread).keyId, lost: undefined },
  ]);
  assert.deepEqual(verifyLedger(house.ledger, [apiKey, house.controlKey()]).wrong, {});
});

test('a revocation is recorded once, by the server that sees it, without being asked', {
  timeout: 60_000,
}, async (t) => {
  const house = createHouse(t);
  const [before, first, second] = [house.key(), house.key(), house.key()].map(
    (apiKey) => readApiKey(apiKey).keyId,
  );
  assert.ok(before && first && second);
  revokeKey(house.stateDir, before);
  const server = await house.start();
  for (const keyId of [first, second]) {
    revokeKey(house.stateDir, keyId);
    while (!readFileSync(house.ledger, 'latin1').includes(`"subject_key_id":"${keyId}"`))
      await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await server.close();
  await (await house.start()).close();
  assert.deepEqual(
    noted(house, 'key_revoked').map(({ action, key }) => [action, key]),
    [
      ['RECORDED', first],
      ['RECORDED', second],
    ],
  );
  assert.deepEqual(verifyLedger(house.ledger, [house.controlKey()]).wrong, {});
});
