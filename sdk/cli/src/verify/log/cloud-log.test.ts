import assert from 'node:assert/strict';
import { sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { instantFromMicros } from '@vantio/schema';
import { type Receipt, signReceipt } from '@vantio/schema/receipt';
import { certificateText } from '@vantio/schema/receipt-certificate';
import { rawPublicKey } from '@vantio/schema/session-signature';
import { fixedKey } from '@vantio/schema/vectors/fixed-keys';
import { LONG_EPOCH, longLedger } from '../../testing/long-ledger.ts';
import { CLOUD_LOG, LOG_KEY, sealLedger, WITNESS_VKEY } from '../../testing/seal-ledger.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { verify } from '../../testing/verify-in-process.ts';

const AT = LONG_EPOCH + 1;
const RECEIPT_KEY = fixedKey('receipts');
const instant = (second: number): string => instantFromMicros(second * 1e6);

async function sealed(t: TestContext, tenant = 'acme') {
  const events: { readonly event_id: string; readonly record_hash: string }[] = [];
  const file = longLedger(join(temporaryDirectory(t), 'ledger.ndjson'), 300, {
    onRecord: (event_id, record_hash) => events.push({ event_id, record_hash }),
  });
  const log = await sealLedger(file, {
    sizes: [200, 290],
    cosigned: { 200: AT + 60, 290: AT + 700 },
    cloud: { committed: instant(AT + 1), tenant },
  });
  const judge = async (receipts: readonly unknown[] = []) => {
    const path = join(log.directory, '..', 'receipts.ndjson');
    writeFileSync(path, receipts.map((each) => `${JSON.stringify(each)}\n`).join(''));
    return verify(file, { vkey: [log.vkey], witness: [WITNESS_VKEY], receipts: [path] });
  };
  const receiptOf = (from: number, to: number): Receipt => ({
    events: events.slice(from, to),
    key_id: 'k1',
    merge_by: instant(AT + 600),
    origin: log.origin,
    received_at: instant(AT),
    tenant_id: 'acme',
  });
  return { file, log, judge, receiptOf };
}

const certified = (receipt: Receipt, vouching = LOG_KEY, key = RECEIPT_KEY) => {
  const certificate = {
    log: CLOUD_LOG,
    not_after: instant(AT + 86_400),
    not_before: instant(AT - 86_400),
    public_key: rawPublicKey(RECEIPT_KEY),
  };
  const signature = sign(null, Buffer.from(certificateText(certificate)), vouching).toString('hex');
  return signReceipt(receipt, key, { ...certificate, signature });
};

test('an export is held to the log of cloud mode: the lines are the rows that the leaves are of', async (t) => {
  const { file, judge } = await sealed(t);
  const { wrong, logs } = await judge();
  assert.deepEqual(wrong, {});
  assert.deepEqual(
    [logs[0]?.origin, logs[0]?.unsealed, logs[0]?.words],
    [`${CLOUD_LOG}/acme`, 10, ['verified', 'witnessed by 1', '10 unsealed']],
  );
  const lines = readFileSync(file, 'utf8').split('\n');
  [lines[7], lines[8]] = [lines[8] ?? '', lines[7] ?? ''];
  writeFileSync(file, lines.join('\n'));
  assert.ok((await judge()).wrong.log_leaf);
});

test('the promise of a receipt from cloud mode is kept, broken or unmeasured by witnesses’ times', async (t) => {
  const { judge, receiptOf } = await sealed(t);
  const promised = await judge([
    certified(receiptOf(0, 200)),
    certified(receiptOf(199, 201)),
    signReceipt(receiptOf(10, 20), LOG_KEY),
  ]);
  assert.deepEqual(promised.logs[0]?.promises, { kept: 2, broken: 0, unmeasured: 1 });
  assert.deepEqual(promised.wrong, {});
  const broken = await judge([certified(receiptOf(285, 295))]);
  assert.deepEqual(broken.logs[0]?.promises, { kept: 0, broken: 1, unmeasured: 0 });
});

test('a receipt of a key that the log’s key does not vouch for is wrong', async (t) => {
  const { judge, receiptOf } = await sealed(t);
  for (const receipt of [
    certified(receiptOf(0, 2), fixedKey('thief')),
    certified(receiptOf(0, 2), LOG_KEY, fixedKey('thief')),
    certified({ ...receiptOf(0, 2), received_at: instant(AT + 86_401) }),
  ])
    assert.deepEqual((await judge([receipt])).wrong, { receipt: 1 });
});

test('the log of another tenant is not that of the ledger', async (t) => {
  const { judge } = await sealed(t, 'globex');
  assert.deepEqual((await judge()).wrong, { log_checkpoint: 1 });
});
