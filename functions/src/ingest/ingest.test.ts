import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { commitment, type Disclosure } from '@vantio/schema';
import { ingestAnswerSchema } from '@vantio/schema/wire/ingest-answer';
import { createEmitter, jsonBatch, ndjson, TRACE } from '../testing/emitter.ts';
import { emitted, verifyLedger } from '../testing/ledger.ts';
import { createHouse, post, statuses } from '../testing/local.ts';

const HOUR = 3_600_000;

/** What the product page promises: keyed by the ASCII bytes of the key, over the trace id. */
const traceSignature = (apiKey: string, traceId: string): string =>
  createHmac('sha256', Buffer.from(apiKey, 'ascii')).update(traceId, 'ascii').digest('hex');

test('an NDJSON batch is acknowledged, signed and in a ledger that verifies', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const apiKey = house.key();
  const records = createEmitter(apiKey).batch(3);
  const answer = await post(server.url, apiKey, ndjson(records));
  assert.equal(answer.status, 202);
  ingestAnswerSchema.parse(answer.body);
  assert.deepEqual(statuses(answer), ['accepted', 'accepted', 'accepted', 'accepted']);
  assert.deepEqual(
    answer.body.events.map(({ event_id }) => event_id),
    records.map(({ record }) => record.event_id),
  );
  assert.deepEqual(answer.body.signatures, { [TRACE]: traceSignature(apiKey, TRACE) });
  assert.equal(answer.headers.get('x-vantio-signature'), traceSignature(apiKey, TRACE));
  await server.close();
  const report = verifyLedger(house.ledger, [apiKey, house.controlKey()]);
  assert.deepEqual(report.wrong, {});
  assert.equal(report.verified, report.records);
  assert.equal(emitted(house.ledger)[0]?.receivedAt, answer.body.received_at);
});

test('a JSON batch is taken like an NDJSON one', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const apiKey = house.key();
  const body = jsonBatch(createEmitter(apiKey).batch(2));
  const answer = await post(server.url, apiKey, body, { 'content-type': 'application/json' });
  assert.equal(answer.status, 202);
  assert.equal(emitted(house.ledger).length, 3);
});

test('a batch without a trace has no x-vantio-signature', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const apiKey = house.key();
  const answer = await post(server.url, apiKey, ndjson([createEmitter(apiKey).start()]));
  assert.equal(answer.headers.get('x-vantio-signature'), null);
  assert.deepEqual(answer.body.signatures, {});
});

test('each trace of a batch is signed, and the header is that of the first', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const apiKey = house.key();
  const emitter = createEmitter(apiKey);
  const other = 'f'.repeat(32);
  const records = [emitter.start(), emitter.event({ trace_id: other }), emitter.event()];
  const answer = await post(server.url, apiKey, ndjson(records));
  assert.deepEqual(Object.keys(answer.body.signatures).sort(), [TRACE, other].sort());
  assert.equal(answer.headers.get('x-vantio-signature'), traceSignature(apiKey, other));
});

test('the same bytes again are duplicates and are stored once', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const apiKey = house.key();
  const emitter = createEmitter(apiKey);
  const first = ndjson(emitter.batch(300));
  const second = ndjson([emitter.event()]);
  await post(server.url, apiKey, first);
  await post(server.url, apiKey, second);
  const again = await post(server.url, apiKey, first + second);
  assert.deepEqual(new Set(statuses(again)), new Set(['duplicate']));
  assert.equal(again.headers.get('x-vantio-signature'), traceSignature(apiKey, TRACE));
  assert.equal(emitted(house.ledger).length, 302);
});

test('a record twice in one batch is accepted once', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const apiKey = house.key();
  const records = createEmitter(apiKey).batch(1);
  const answer = await post(server.url, apiKey, ndjson([...records, ...records]));
  assert.deepEqual(statuses(answer), ['accepted', 'accepted', 'duplicate', 'duplicate']);
});

test('disclosures go to a file of their own and not into the ledger', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const apiKey = house.key();
  const emitter = createEmitter(apiKey);
  const salt = randomBytes(32).toString('hex');
  const disclosure: Disclosure = { field: 'agent_name', salt, value: 'billing agent é' };
  const commit = commitment(disclosure);
  const start = emitter.start();
  const record = emitter.event({ agent_name_commit: commit }, [disclosure]);
  const answer = await post(server.url, apiKey, ndjson([start, record]));
  assert.equal(answer.status, 202);
  const beside = readFileSync(house.ledger.replace('.ndjson', '.disclosures.ndjson'), 'utf8');
  assert.equal(
    beside,
    `{"event_id":"${record.record.event_id}","field":"agent_name","salt":"${salt}","tenant_id":"acme","value":"billing agent é"}\n`,
  );
  assert.ok(!readFileSync(house.ledger, 'utf8').includes('billing'));
  const again = await post(server.url, apiKey, ndjson([record]));
  assert.deepEqual(statuses(again), ['duplicate']);
});

test('a disclosure that does not open its commitment is refused by field', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const apiKey = house.key();
  const emitter = createEmitter(apiKey);
  const salt = randomBytes(32).toString('hex');
  const start = emitter.start();
  const record = emitter.event({ agent_name_commit: 'a'.repeat(64) }, [
    { field: 'agent_name', salt, value: 'other' },
  ]);
  const { status, body } = await post(server.url, apiKey, ndjson([start, record]));
  assert.equal(status, 422);
  assert.equal(body.record, 1);
  assert.equal(body.field, 'agent_name_commit');
  assert.equal(emitted(house.ledger).length, 0);
});

test('records of a clock an hour off, either way, are accepted, and the line tells by how much', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const apiKey = house.key();
  const realNow = Date.now;
  t.after(() => {
    Date.now = realNow;
  });
  for (const off of [-HOUR, HOUR]) {
    Date.now = () => realNow() + off;
    const emitter = createEmitter(apiKey);
    Date.now = realNow;
    const answer = await post(server.url, apiKey, ndjson(emitter.batch(1)));
    assert.deepEqual(statuses(answer), ['accepted', 'accepted']);
    const line = emitted(house.ledger).at(-1);
    const skew = Date.parse(line?.record.occurred_at ?? '') - Date.parse(line?.receivedAt ?? '');
    assert.ok(Math.abs(skew - off) < HOUR / 2, `${skew}`);
  }
  await server.close();
  assert.deepEqual(verifyLedger(house.ledger, [apiKey, house.controlKey()]).wrong, {});
});
