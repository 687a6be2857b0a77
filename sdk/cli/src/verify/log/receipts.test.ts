import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { instantFromMicros } from '@vantio/schema';
import { type Receipt, signReceipt } from '@vantio/schema/receipt';
import { fixedKey } from '@vantio/schema/vectors/fixed-keys';
import { LONG_EPOCH, longLedger } from '../../testing/long-ledger.ts';
import { runVantio } from '../../testing/run-vantio.ts';
import { LOG_KEY, type SealedLog, sealLedger, WITNESS_VKEY } from '../../testing/seal-ledger.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { verify } from '../../testing/verify-in-process.ts';

type Told = { readonly event_id: string; readonly record_hash: string };
type Sealed = { readonly file: string; readonly log: SealedLog; readonly events: readonly Told[] };

const AT = LONG_EPOCH + 1;
const MERGE_BY = AT + 5;
const RECEIPTS = 'receipts.ndjson';

/** Ten records: the first four were witnessed at the one time, all ten at the other. */
async function sealed(t: TestContext, four: number, ten: number): Promise<Sealed> {
  const events: Told[] = [];
  const file = longLedger(join(temporaryDirectory(t), 'ledger.ndjson'), 10, {
    onRecord: (event_id, record_hash) => events.push({ event_id, record_hash }),
  });
  const log = await sealLedger(file, { sizes: [4, 10], cosigned: { 4: four, 10: ten } });
  return { file, log, events };
}

const receiptOf = ({ log, events }: Sealed, from: number, to: number): Receipt => ({
  events: events.slice(from, to),
  key_id: '0123456789abcdef',
  merge_by: instantFromMicros(MERGE_BY * 1e6),
  origin: log.origin,
  received_at: instantFromMicros(AT * 1e6),
  tenant_id: 'acme',
});

/** Verifies with these receipts in a file, each object on a line. */
async function judge(sample: Sealed, receipts: readonly unknown[], witness = [WITNESS_VKEY]) {
  const path = join(sample.log.directory, '..', RECEIPTS);
  writeFileSync(path, receipts.map((receipt) => `${JSON.stringify(receipt)}\n`).join(''));
  const outcome = await verify(sample.file, { vkey: [sample.log.vkey], witness, receipts: [path] });
  const told = outcome.findings.filter(({ check }) => check === 'receipt');
  return { ...outcome, told, promises: outcome.logs[0]?.promises };
}

const signed = (receipt: Receipt) => signReceipt(receipt, LOG_KEY);

test('a promise is kept if a witness had all records by merge_by, rounded up to a second', async (t) => {
  const sample = await sealed(t, AT, MERGE_BY);
  const { wrong, promises, told } = await judge(sample, [
    signed(receiptOf(sample, 0, 4)),
    signed(receiptOf(sample, 2, 10)),
    // A batch that was sent twice has two receipts.
    signed(receiptOf(sample, 2, 10)),
    signed({ ...receiptOf(sample, 5, 6), merge_by: instantFromMicros(MERGE_BY * 1e6 - 1) }),
  ]);
  assert.deepEqual([wrong, told], [{}, []]);
  assert.deepEqual(promises, { kept: 4, broken: 0, unmeasured: 0 });
});

test('a promise is broken if a witness had a tree without one of the records after merge_by', async (t) => {
  const sample = await sealed(t, MERGE_BY + 1, MERGE_BY + 2);
  const { wrong, promises, told, logs } = await judge(sample, [
    signed(receiptOf(sample, 3, 5)),
    signed({
      ...receiptOf(sample, 0, 1),
      events: [{ ...(sample.events[0] as Told), record_hash: 'ab'.repeat(32) }],
    }),
  ]);
  assert.deepEqual(wrong, { receipt: 2 });
  assert.deepEqual(promises, { kept: 0, broken: 2, unmeasured: 0 });
  assert.match(told[0]?.message ?? '', /^the promise is broken: .* lacks a record$/);
  assert.match(told[1]?.message ?? '', /lacks 1 of the records$/);
  assert.deepEqual([told[0]?.line, told[1]?.line], [1, 2]);
  assert.ok(told[0]?.file?.endsWith(RECEIPTS));
  assert.deepEqual(logs[0]?.words, ['receipt', 'witnessed by 1']);
});

test('a promise is unmeasured without a witness, and where no witness time decides', async (t) => {
  const sample = await sealed(t, MERGE_BY - 1, MERGE_BY + 9);
  const late = signed(receiptOf(sample, 3, 5));
  const decided = await judge(sample, [late]);
  assert.deepEqual([decided.wrong, decided.unmeasured.receipt], [{}, 1]);
  const lone = await judge(sample, [late, signed(receiptOf(sample, 0, 2))], []);
  assert.deepEqual(lone.wrong, {});
  assert.deepEqual(lone.promises, { kept: 0, broken: 0, unmeasured: 2 });
  assert.match(lone.told[0]?.message ?? '', /^2 promises are unmeasured: the records are there/);
  const missing = {
    ...receiptOf(sample, 0, 1),
    events: [{ ...(sample.events[0] as Told), record_hash: 'ab'.repeat(32) }],
  };
  const gone = await judge(sample, [signed(missing)], []);
  assert.deepEqual(gone.wrong, {});
  assert.match(
    gone.told[0]?.message ?? '',
    /1 of its records are not in the ledger, and no witness says/,
  );
});

test('records that are not sealed yet keep no promise, and break none before its time', async (t) => {
  const sample = await sealed(t, MERGE_BY - 1, MERGE_BY);
  for (const path of ['checkpoint', 'checkpoints/10', 'cosignatures/10'])
    rmSync(join(sample.log.directory, path));
  sample.log.put('checkpoint', readFileSync(join(sample.log.directory, 'checkpoints/4')));
  const { wrong, promises } = await judge(sample, [signed(receiptOf(sample, 4, 10))]);
  assert.deepEqual(wrong, {});
  assert.deepEqual(promises, { kept: 0, broken: 0, unmeasured: 1 });
});

test('a record whose line is not the entry of its index keeps no promise', async (t) => {
  const sample = await sealed(t, AT, AT);
  const lines = readFileSync(sample.file, 'utf8').split('\n');
  [lines[7], lines[8]] = [lines[8] ?? '', lines[7] ?? ''];
  writeFileSync(sample.file, lines.join('\n'));
  const { wrong, promises } = await judge(sample, [signed(receiptOf(sample, 7, 8))]);
  assert.equal(wrong.log_leaf, 1);
  assert.deepEqual(promises, { kept: 0, broken: 0, unmeasured: 1 });
});

test('a receipt that is not the log’s, or not of these records, is wrong', async (t) => {
  const sample = await sealed(t, AT, AT);
  const receipt = receiptOf(sample, 0, 2);
  const [first, second] = sample.events as [Told, Told];
  for (const [line, says] of [
    [signReceipt(receipt, fixedKey('thief')), /^signature does not hold/],
    [
      { ...signed(receipt), receipt: { ...receipt, merge_by: instantFromMicros(0) } },
      /^signature does not hold/,
    ],
    [signed({ ...receipt, origin: 'vantio.local/other' }), /^origin is not that of a log/],
    [signed({ ...receipt, tenant_id: 'globex' }), /^tenant_id is not the tenant of the record/],
    [
      signed({ ...receipt, events: [{ ...first, event_id: second.event_id }] }),
      /^event_id is not that of the record/,
    ],
    [{ receipt }, /^is not a receipt: signature is missing/],
    [{ ...signed(receipt), more: 1 }, /^is not a receipt: the line has other members/],
    [{ ...signed(receipt), receipt: { ...receipt, merge_by: 'soon' } }, /receipt\.merge_by/],
    ['text', /^is not a receipt/],
  ] as const) {
    const { wrong, told } = await judge(sample, [line]);
    assert.deepEqual(Object.keys(wrong), ['receipt'], String(says));
    assert.match(`${told[0]?.field ? `${told[0].field} ` : ''}${told[0]?.message}`, says);
  }
  const path = join(sample.log.directory, '..', RECEIPTS);
  writeFileSync(path, `not json\n${JSON.stringify(signed(receipt)).slice(0, -3)}`);
  const { findings } = await verify(sample.file, { receipts: [path] });
  const told = findings
    .filter(({ check }) => check === 'receipt')
    .map(({ severity, message }) => `${severity}: ${message}`);
  assert.deepEqual(told, [
    'wrong: is not JSON',
    'unmeasured: receipt unmeasured: the last line does not end in a newline',
  ]);
});

test('the report of the command says what became of promises', async (t) => {
  const sample = await sealed(t, AT, MERGE_BY + 9);
  await judge(sample, [signed(receiptOf(sample, 0, 4)), signed(receiptOf(sample, 4, 10))]);
  const receipts = join(sample.log.directory, '..', RECEIPTS);
  const pins = ['--vkey', sample.log.vkey, '--witness', WITNESS_VKEY];
  const ran = await runVantio(['verify', sample.file, ...pins, '--receipts', receipts]);
  assert.equal(ran.status, 0, ran.stdout);
  assert.match(ran.stdout, /^receipts: promises kept 1, broken 0, unmeasured 1$/m);
});
