import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { parseEnvelope } from '@vantio/schema';
import { ledgerRows } from '@vantio/schema/spanner/ledger-row';
import { sealSession } from '../sealed-session.ts';
import { skip, startMirrorSubject } from '../testing/mirror-subject.ts';

const cloud = skip ? undefined : await startMirrorSubject();
after(() => cloud?.close());

test('DML is rolled back, also when it would have changed something', { skip }, async () => {
  assert.ok(cloud);
  const session = await (await cloud.subject.spannerAs('owner')).openSession();
  const [record] = sealSession(cloud.subject.apiKey).records;
  assert.ok(record);
  const { ledger } = ledgerRows(parseEnvelope(record.envelope), record.record.occurred_at);
  const columns = Object.keys(ledger);
  await session.attemptDml(
    `INSERT INTO TrueTimeLedger (${columns.join(', ')}, CommitTimestamp)
      VALUES (${columns.map((column) => `@${column}`).join(', ')}, PENDING_COMMIT_TIMESTAMP())`,
    ledger,
  );
  const stored = () =>
    session.query('SELECT 1 FROM TrueTimeLedger WHERE RecordHash = @RecordHash', {
      RecordHash: ledger.RecordHash,
    });
  assert.deepEqual(await stored(), []);
  await session.mutate('insert', 'TrueTimeLedger', {
    ...ledger,
    CommitTimestamp: '2026-01-01T00:00:00.000000Z',
  });
  assert.deepEqual(await stored(), [['1']]);
});
