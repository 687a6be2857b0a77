import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { parseEnvelope, recordHash } from '@vantio/schema';
import { skip } from '../testing/emulated.ts';
import { createEmitter, linesOf } from '../testing/records.ts';
import { createCloudParts, messageOf } from './cloud-parts.ts';
import { startFunction } from './function-process.ts';
import { post } from './post.ts';
import { push } from './push.ts';

const parts = skip ? undefined : await createCloudParts();
after(() => parts?.close());
const MINUTE = 60_000;

function ready() {
  assert.ok(parts);
  return parts;
}

for (const minutes of [60, -60])
  test(`an ingest whose clock is ${minutes} minutes off takes what it is sent, and says when by its own clock`, {
    skip,
  }, async () => {
    const environment = { ...ready().environment, VANTIO_TEST_CLOCK_MINUTES: String(minutes) };
    const ingest = await startFunction('ingest', environment);
    try {
      // Emitters that are right, that are as wrong as it, and that are wrong the other way.
      for (const skew of [0, minutes, -minutes]) {
        const emitter = createEmitter('skew');
        const lines = linesOf(emitter, 2, Date.now() + skew * MINUTE);
        const { status, body } = await post(ingest.url, emitter, lines);
        assert.equal(status, 202);
        const off = Date.parse(String(body.received_at)) - Date.now();
        assert.ok(Math.abs(off - minutes * MINUTE) < 10 * MINUTE, `${off}`);
      }
    } finally {
      await ingest.kill();
    }
  });

test('a writer whose clock is an hour off refuses the push, for its token is of another time; a right one takes it', {
  skip,
}, async () => {
  const { environment, database, ingestKey } = ready();
  const emitter = createEmitter('skewed');
  const lines = linesOf(emitter, 2, Date.now() - 60 * MINUTE);
  const data = messageOf(emitter, lines, ingestKey);
  for (const minutes of [120, -60]) {
    const skewed = { ...environment, VANTIO_TEST_CLOCK_MINUTES: String(minutes) };
    const wrong = await startFunction('writer', skewed);
    assert.equal(await push(ready(), wrong.url, data), 401);
    await wrong.kill();
  }
  const writer = await startFunction('writer', environment);
  assert.equal(await push(ready(), writer.url, data), 204);
  await writer.kill();
  const [rows] = await database.run({
    sql: `SELECT RecordHash, TIMESTAMP_DIFF(CommitTimestamp, OccurredAt, MINUTE) AS Skew
      FROM TrueTimeLedger WHERE TenantId = 'skewed' ORDER BY Seq`,
    json: true,
  });
  assert.deepEqual(
    rows.map((row) => (row as unknown as { RecordHash: string }).RecordHash),
    lines.map((line) => recordHash(parseEnvelope(line).canonical)),
  );
  for (const row of rows) {
    const { Skew } = row as unknown as { Skew: number };
    assert.ok(Skew >= 59 && Skew < 70, `${Skew}`);
  }
});
