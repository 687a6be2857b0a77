import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type CanonicalValue,
  canonicalize,
  recordHash,
  recordKey,
  recordMac,
  type SealedRecord,
} from '@vantio/schema';
import * as fc from 'fast-check';
import { createEmitter, ndjson } from '../../testing/emitter.ts';
import { emitted, readLedger, verifyLedger } from '../../testing/ledger.ts';
import { createHouse, post, statuses } from '../../testing/local.ts';

test('a gap is accepted, and what fills it later is no conflict', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const apiKey = house.key();
  const records = createEmitter(apiKey).batch(9);
  const send = async (from: number, to: number) =>
    statuses(await post(server.url, apiKey, ndjson(records.slice(from, to))));
  assert.deepEqual(await send(0, 2), ['accepted', 'accepted']);
  assert.deepEqual(await send(6, 8), ['accepted', 'accepted']);
  assert.deepEqual(await send(4, 5), ['accepted']);
  assert.deepEqual(await send(2, 6), ['accepted', 'accepted', 'duplicate', 'accepted']);
  assert.deepEqual(await send(8, 10), ['accepted', 'accepted']);
  assert.deepEqual(new Set(await send(0, 10)), new Set(['duplicate']));
  assert.equal(emitted(house.ledger).length, 10);
  await server.close();
  assert.deepEqual(verifyLedger(house.ledger, [apiKey, house.controlKey()]).wrong, {});
});

test('another record at a taken place is kept as a conflict, once, and the control plane says so', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const apiKey = house.key();
  const records = createEmitter(apiKey).batch(3);
  await post(server.url, apiKey, ndjson(records));
  const rival = rivalOf(apiKey, records[2]);
  const first = await post(server.url, apiKey, ndjson([rival]));
  assert.equal(first.status, 202);
  assert.deepEqual(statuses(first), ['conflict']);
  assert.deepEqual(statuses(await post(server.url, apiKey, ndjson([rival]))), ['duplicate']);
  assert.deepEqual(statuses(await post(server.url, apiKey, ndjson([rival, rival]))), [
    'duplicate',
    'duplicate',
  ]);
  assert.deepEqual(
    new Set(statuses(await post(server.url, apiKey, ndjson(records)))),
    new Set(['duplicate']),
  );
  await server.close();
  assert.equal(emitted(house.ledger).length, 5);
  const said = readLedger(house.ledger).filter(({ record }) => record.event_type === 'conflict');
  assert.deepEqual(
    said.map(({ record }) => [record.subject_event_id, record.subject_record_hash]),
    [[rival.record.event_id, rival.hash]],
  );
  const again = await house.start();
  assert.deepEqual(statuses(await post(again.url, apiKey, ndjson([rival]))), ['duplicate']);
});

test('a record that does not follow the head, or whose event id does not rise, is a conflict', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const apiKey = house.key();
  const records = createEmitter(apiKey).batch(4);
  await post(server.url, apiKey, ndjson(records.slice(0, 3)));
  const wrongPrev = rivalOf(apiKey, records[3], { prev: 'a'.repeat(64) });
  assert.deepEqual(statuses(await post(server.url, apiKey, ndjson([wrongPrev]))), ['conflict']);
  const oldId = rivalOf(apiKey, records[3], {
    event_id: (records[1] as SealedRecord).record.event_id,
  });
  assert.deepEqual(statuses(await post(server.url, apiKey, ndjson([oldId]))), ['conflict']);
  assert.deepEqual(statuses(await post(server.url, apiKey, ndjson([wrongPrev, oldId]))), [
    'duplicate',
    'duplicate',
  ]);
  assert.deepEqual(statuses(await post(server.url, apiKey, ndjson(records.slice(3)))), [
    'accepted',
    'accepted',
  ]);
});

test('what is put into a gap must fit its neighbours', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const apiKey = house.key();
  const records = createEmitter(apiKey).batch(4);
  const at = (index: number) => records[index] as SealedRecord;
  await post(server.url, apiKey, ndjson([at(0), at(1), at(4)]));
  const rival = rivalOf(apiKey, at(3));
  assert.deepEqual(statuses(await post(server.url, apiKey, ndjson([rival]))), ['conflict']);
  const stray = rivalOf(apiKey, at(2), { prev: 'b'.repeat(64) });
  assert.deepEqual(statuses(await post(server.url, apiKey, ndjson([stray]))), ['conflict']);
});

test('two requests with one session at once are judged one after the other', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const apiKey = house.key();
  const records = createEmitter(apiKey).batch(200);
  const body = ndjson(records);
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => post(server.url, apiKey, body)),
  );
  const accepted = answers.flatMap(statuses).filter((status) => status === 'accepted');
  assert.equal(accepted.length, records.length);
  assert.equal(emitted(house.ledger).length, records.length);
});

test('a session tangled beyond measure is refused, and others are not', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const apiKey = house.key();
  const records = createEmitter(apiKey).batch(1);
  await post(server.url, apiKey, ndjson(records));
  const rivals = Array.from({ length: 600 }, (_, at) =>
    rivalOf(apiKey, records[1], { duration_us: 2 + at }),
  );
  const answer = await post(server.url, apiKey, ndjson(rivals));
  assert.equal(answer.status, 422);
  assert.equal(answer.body.type, 'urn:vantio:problem:session_too_tangled');
  assert.equal(emitted(house.ledger).length, 2);
  const few = ndjson(rivals.slice(0, 500));
  assert.deepEqual(new Set(statuses(await post(server.url, apiKey, few))), new Set(['conflict']));
  assert.deepEqual(new Set(statuses(await post(server.url, apiKey, few))), new Set(['duplicate']));
  assert.equal(
    (await post(server.url, apiKey, ndjson(createEmitter(apiKey).batch(3)))).status,
    202,
  );
});

test('any interleaving of retries, restarts and overlapping batches yields each record once', async (t) => {
  const house = createHouse(t);
  const apiKey = house.key();
  let server = await house.start({ maxSegmentBytes: 20_000 });
  const sessions = 3;
  const length = 12;
  const step = fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({
        session: fc.nat(sessions - 1),
        from: fc.nat(length - 1),
        count: fc.integer({ min: 1, max: length }),
      }),
    },
    { weight: 1, arbitrary: fc.constant('restart' as const) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), async (steps) => {
      const emitters = Array.from({ length: sessions }, () =>
        createEmitter(apiKey).batch(length - 1),
      );
      const sent = new Set<string>();
      const accepted: string[] = [];
      let underWay: Promise<void>[] = [];
      for (const one of steps) {
        if (one === 'restart') {
          await Promise.all(underWay);
          underWay = [];
          await server.close();
          server = await house.start({ maxSegmentBytes: 20_000 });
          continue;
        }
        const records = (emitters[one.session] ?? []).slice(one.from, one.from + one.count);
        for (const { hash } of records) sent.add(hash);
        underWay.push(
          post(server.url, apiKey, ndjson(records)).then((answer) => {
            assert.equal(answer.status, 202);
            for (const [at, status] of statuses(answer).entries()) {
              assert.notEqual(status, 'conflict');
              if (status === 'accepted') accepted.push(records[at]?.hash ?? '');
            }
          }),
        );
      }
      await Promise.all(underWay);
      assert.deepEqual(accepted.sort(), [...sent].sort());
    }),
    { numRuns: 25 },
  );
  await server.close();
  const lines = emitted(house.ledger);
  assert.equal(new Set(lines.map(({ record }) => record.event_id)).size, lines.length);
});

/** A well-formed record under the same key that claims the place of another. */
function rivalOf(
  apiKey: string,
  original: SealedRecord | undefined,
  change: Readonly<Record<string, string | number>> = { duration_us: 99 },
): SealedRecord {
  assert.ok(original);
  const record = { ...original.record, ...change };
  return reseal(apiKey, record);
}

function reseal(apiKey: string, record: SealedRecord['record']): SealedRecord {
  const canonical = canonicalize(record as unknown as CanonicalValue);
  const mac = recordMac(recordKey(apiKey), canonical);
  const envelope = `{"record":${canonical},"record_mac":"${mac}"}`;
  return { record, canonical, hash: recordHash(canonical), mac, envelope };
}
