import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ledgerRows } from '@vantio/schema/spanner/ledger-row';
import { createLedger, skip } from '../testing/emulated.ts';
import { createEmitter, envelopesOf } from '../testing/records.ts';
import { createCommit } from './commit.ts';
import { GRPC } from './grpc-status.ts';
import type { Commit } from './insert-rows.ts';
import { createStoreOnce } from './store-once.ts';

const RECEIVED = '2026-11-23T10:00:00.000000Z';
const NOTHING = { inserted: 0, duplicates: 0, refused: 0 };
const rowsOf = (count: number) =>
  envelopesOf(createEmitter('acme'), count).map((envelope) => ledgerRows(envelope, RECEIVED));
const sleep = async (): Promise<void> => {};

const { database } = skip ? {} : await createLedger();
const commit: Commit = database
  ? await createCommit(database)
  : () => Promise.reject(new Error('no database'));
const storeOnce = createStoreOnce({ commit, sleep });

async function storedHashes(rows: ReturnType<typeof rowsOf>): Promise<readonly string[]> {
  const [found] = (await database?.run({
    sql: 'SELECT RecordHash, Record FROM TrueTimeLedger WHERE SessionId = @session ORDER BY Seq',
    params: { session: JSON.parse(rows[0]?.ledger.Record ?? '{}').session_id },
    json: true,
  })) ?? [[]];
  return (found as unknown as readonly { RecordHash: string }[]).map(
    ({ RecordHash }) => RecordHash,
  );
}
const hashesOf = (rows: ReturnType<typeof rowsOf>) => rows.map(({ ledger }) => ledger.RecordHash);

test('a record is in the ledger once, however often and in whatever company it comes', {
  skip,
}, async () => {
  const rows = rowsOf(40);
  assert.deepEqual(await storeOnce(rows.slice(10, 12)), { ...NOTHING, inserted: 2 });
  assert.deepEqual(await storeOnce(rows.slice(30, 31)), { ...NOTHING, inserted: 1 });
  assert.deepEqual(await storeOnce(rows), { ...NOTHING, inserted: 37, duplicates: 3 });
  assert.deepEqual(await storeOnce(rows), { ...NOTHING, duplicates: 40 });
  assert.deepEqual(await storedHashes(rows), hashesOf(rows));
});

test('a record that the database refuses does not fail its neighbours', { skip }, async () => {
  const rows = rowsOf(20);
  const bad = rows.map((row, index) =>
    index === 7 ? { ...row, ledger: { ...row.ledger, RecordMac: 'x'.repeat(64) } } : row,
  );
  assert.deepEqual(await storeOnce(bad), {
    inserted: 19,
    duplicates: 0,
    refused: 1,
    reason: 'check_failed',
  });
  assert.deepEqual(await storedHashes(rows), hashesOf(rows).toSpliced(7, 1));
});

test('the database itself refuses a row whose columns are not its record’s', { skip }, async () => {
  const [row] = rowsOf(1);
  assert.ok(row);
  const other = '0'.repeat(64);
  for (const ledger of [
    { ...row.ledger, TenantId: 'other' },
    { ...row.ledger, TraceId: `${'0'.repeat(31)}1` },
    { ...row.ledger, RecordHash: other },
    { ...row.ledger, Record: '{}' },
    { ...row.ledger, Record: row.ledger.Record.replace('"v":1', '"v":2') },
    { ...row.ledger, Record: row.ledger.Record.replace('session_start', 'prompt') },
  ])
    assert.equal((await storeOnce([{ ...row, ledger }])).refused, 1);
});

test('what may be tried again is tried again; an answer that was lost makes no second row', {
  skip,
}, async () => {
  const rows = rowsOf(9);
  const faults = [GRPC.aborted, GRPC.unavailable, GRPC.deadlineExceeded, GRPC.resourceExhausted];
  let calls = 0;
  const flaky: Commit = async (inserts) => {
    calls++;
    const code = faults.shift();
    // The commit that is reported as timed out has happened all the same.
    if (code === GRPC.deadlineExceeded) await commit(inserts);
    if (code !== undefined) throw Object.assign(new Error('injected'), { code });
    return commit(inserts);
  };
  const stored = await createStoreOnce({ commit: flaky, sleep })(rows);
  assert.equal(stored.inserted + stored.duplicates, 9);
  assert.ok(calls > 4);
  assert.deepEqual(await storedHashes(rows), hashesOf(rows));
});

test('what does not go away is thrown, for the message to come again', { skip }, async () => {
  const down: Commit = () =>
    Promise.reject(Object.assign(new Error('down'), { code: GRPC.unavailable }));
  await assert.rejects(createStoreOnce({ commit: down, sleep })(rowsOf(1)), {
    code: GRPC.unavailable,
  });
});
