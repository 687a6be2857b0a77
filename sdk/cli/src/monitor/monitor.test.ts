import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createKey, startLocal } from '@vantio/functions/local';
import { instantFromMicros } from '@vantio/schema';
import { type Receipt, signReceipt } from '@vantio/schema/receipt';
import { cosign } from '@vantio/schema/tlog/cosignature';
import { parseNote } from '@vantio/schema/tlog/note';
import { formatVerifierKey, rawPublicKey } from '@vantio/schema/tlog/note-keys';
import { runVantio } from '../testing/run-vantio.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { judgePromise } from './judge-promise.ts';

const HASH = 'ab'.repeat(32);
const SECOND = 1_800_000_000;
const receiptBy = (mergeBy: number): Receipt => ({
  events: [{ event_id: '01a21475-6c62-7000-8002-dc4e26ec6010', record_hash: HASH }],
  key_id: '00'.repeat(8),
  merge_by: instantFromMicros(mergeBy * 1e6),
  origin: 'log.example/a',
  received_at: instantFromMicros((mergeBy - 5) * 1e6),
  tenant_id: 'acme',
});

test('a promise is judged by when witnesses had a checkpoint with it, and without it', () => {
  const receipt = receiptBy(SECOND);
  const at = (index: number, size: number, ...times: number[]) => ({
    index,
    checkpoint: { size, times },
  });
  const cases = [
    ['kept', [at(7, 8, SECOND)], { size: 9, times: [] }],
    ['kept', [at(7, 8)], { size: 9, times: [SECOND - 1] }],
    ['unmeasured', [at(7, 8, SECOND + 1)], { size: 9, times: [] }],
    ['unmeasured', [at(7, 8)], { size: 9, times: [] }],
    ['unmeasured', [undefined], { size: 7, times: [SECOND] }],
    ['broken', [undefined], { size: 7, times: [SECOND + 1] }],
    ['broken', [at(7, 8), undefined], { size: 9, times: [SECOND + 1] }],
    ['broken', [at(7, 8, SECOND + 9)], { size: 7, times: [SECOND + 1] }],
  ] as const;
  for (const [verdict, proofs, newest] of cases)
    assert.equal(judgePromise(receipt, proofs, newest).verdict, verdict, JSON.stringify(proofs));
});

test('a real control plane keeps its word; a receipt for what was never taken in is broken once a witness says so', async (t) => {
  const cwd = temporaryDirectory(t);
  const stateDir = join(cwd, 'state');
  const ledger = join(cwd, 'audit.ndjson');
  const server = await startLocal({
    outputFile: ledger,
    stateDir,
    port: 0,
    appendOnly: false,
    log: () => {},
  });
  t.after(() => server.close());
  const apiKey = createKey(stateDir, { tenantId: 'acme', plan: 'local' });
  writeFileSync(join(cwd, 'agent.key'), `${apiKey}\n`);
  const spool = join(cwd, 'spool');
  const ran = await runVantio(
    [
      'run',
      '--key-file',
      'agent.key',
      '--ingest-url',
      server.url,
      '--',
      process.execPath,
      '-e',
      `fetch('${server.url}/healthz')`,
    ],
    { cwd, env: { VANTIO_SPOOL_DIR: spool } },
  );
  assert.equal(ran.status, 0, ran.stderr);
  const keyId = apiKey.split('.')[2] ?? '';
  const kept = readFileSync(join(spool, keyId, 'receipts.ndjson'), 'utf8');
  const receipts = join(cwd, 'receipts.ndjson');
  const { origin, merge_by: mergeBy }: Receipt = JSON.parse(kept.split('\n')[0] ?? '').receipt;
  const { privateKey } = generateKeyPairSync('ed25519');
  const witness = formatVerifierKey({
    name: 'witness.example/w',
    type: 'cosignatureEd25519',
    publicKey: rawPublicKey(privateKey),
  });
  const monitor = (text: string) => {
    writeFileSync(receipts, text);
    const pins = ['--vkey', server.verifierKeyFile, '--witness', witness];
    return runVantio(
      ['monitor', '--url', server.url, '--key-file', 'agent.key', ...pins, '--receipts', receipts],
      { cwd },
    );
  };
  const unmeasured = await monitor(kept);
  assert.equal(unmeasured.status, 0, unmeasured.stderr + unmeasured.stdout);
  assert.match(unmeasured.stdout, /promises kept 0, broken 0, wrong 0, unmeasured [1-9]/);

  writeFileSync(join(server.logDirectory, 'witnesses'), `${witness}\n`);
  const headers = { authorization: `Bearer ${apiKey}` };
  const lines = readFileSync(ledger, 'utf8').split('\n').length - 1;
  let checkpoint = '';
  while (Number(checkpoint.split('\n')[1] ?? 0) < lines) {
    await sleep(50);
    checkpoint = await (await fetch(`${server.url}/api/v1/checkpoint`, { headers })).text();
  }
  const line = cosign(
    parseNote(checkpoint).text,
    Math.floor(Date.parse(mergeBy) / 1000),
    'witness.example/w',
    privateKey,
  );
  const taken = await fetch(`${server.url}/api/v1/cosignatures`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'text/plain' },
    body: `${checkpoint}${line}\n`,
  });
  assert.equal(taken.status, 200);
  const held = await monitor(kept);
  assert.equal(held.status, 0, held.stdout);
  assert.match(held.stdout, /promises kept [1-9][0-9]*, broken 0, wrong 0, unmeasured 0/);

  const { createPrivateKey } = await import('node:crypto');
  const logKey = createPrivateKey(readFileSync(join(stateDir, 'log.pem')));
  const never = signReceipt({ ...receiptBy(Date.parse(mergeBy) / 1000 - 60), origin }, logKey);
  const broken = await monitor(`${JSON.stringify(never)}\n`);
  assert.equal(broken.status, 1);
  assert.match(
    broken.stdout,
    /receipts\.ndjson:1 {2}broken: a witness cosigned a checkpoint after/,
  );

  const forged = { ...never, signature: 'ab'.repeat(64) };
  const lie = JSON.parse(kept.split('\n')[0] ?? '');
  lie.receipt.events[0].record_hash = HASH;
  const years = Date.now() / 1000 + 1e8;
  const endless = [
    { ...never.receipt, merge_by: instantFromMicros(Math.floor(years) * 1e6) },
    { ...receiptBy(Math.floor(years)), origin },
  ].map((receipt) => signReceipt(receipt, logKey));
  const wrong = await monitor(
    [forged, signReceipt(lie.receipt, logKey), ...endless]
      .map((each) => `${JSON.stringify(each)}\n`)
      .join(''),
  );
  assert.equal(wrong.status, 1);
  assert.match(wrong.stdout, /:1 {2}wrong: the receipt is not signed by the log's key/);
  assert.match(wrong.stdout, /:2 {2}wrong: the proof is of another record/);
  assert.match(wrong.stdout, /:3 {2}wrong: merge_by is more than 5 seconds after received_at/);
  assert.match(wrong.stdout, /:4 {2}wrong: received_at is more than 5 minutes ahead of the clock/);
});

test('what is typed wrong is told in one sentence', async (t) => {
  const cwd = temporaryDirectory(t);
  const { status, stderr } = await runVantio(['monitor', '--url', 'x'], { cwd });
  assert.equal(status, 2);
  assert.match(stderr, /^vantio: [^\n]+\n$/);
});
