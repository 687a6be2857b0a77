import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { checkpointText } from '@vantio/schema/tlog/checkpoint';
import { cosign, witnessKeyOf } from '@vantio/schema/tlog/cosignature';
import { HAS_ML_DSA_44 } from '@vantio/schema/tlog/cosignature-ml-dsa';
import { signatureLine } from '@vantio/schema/tlog/note';
import { formatVerifierKey, keyIdOf } from '@vantio/schema/tlog/note-keys';
import { ROOT_KEY } from '@vantio/schema/vectors/sample-session';
import { LONG_EPOCH, longLedger } from '../../testing/long-ledger.ts';
import { runVantio } from '../../testing/run-vantio.ts';
import { sampleLedger } from '../../testing/sample-ledger.ts';
import { cosignHead, sealLedger, WITNESS, WITNESS_VKEY } from '../../testing/seal-ledger.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { verify } from '../../testing/verify-in-process.ts';

const AFTER = LONG_EPOCH + 10;

/** A ledger of 600 records, of which 600 are sealed. */
async function sealed(t: TestContext, sizes: readonly number[] = [3, 300, 600]) {
  const directory = temporaryDirectory(t);
  const { keyFile } = sampleLedger(directory, 'other.ndjson');
  const file = longLedger(join(directory, 'ledger.ndjson'), 600, { whole: true });
  const log = await sealLedger(file, { sizes, cosigned: { 300: AFTER, 600: AFTER } });
  return { directory, file, keyFile, log };
}

test('a log with pinned key and witness is verified, and nothing of its ledger is left unmeasured', async (t) => {
  const { file, keyFile, log } = await sealed(t);
  const args = ['--key-file', keyFile, '--session-root', ROOT_KEY, '--strict'];
  const pins = ['--vkey', log.vkey, '--witness', WITNESS_VKEY];
  const ran = await runVantio(['verify', file, ...args, ...pins]);
  assert.equal(ran.status, 0, ran.stdout + ran.stderr);
  assert.ok(
    ran.stdout.includes(`log ${log.origin}  600 leaves  verified, witnessed by 1\n`),
    ran.stdout,
  );
  const { logs } = await verify(file, { vkey: [log.vkey], witness: [WITNESS_VKEY] });
  const [{ words: _, ...report } = { words: [] }] = logs;
  assert.deepEqual(report, {
    name: log.directory,
    origin: log.origin,
    size: 600,
    root: Buffer.from(log.heads.get(600)?.root ?? []).toString('base64'),
    keyId: log.vkey.split('+')[1],
    isPinned: true,
    keys: [],
    lines: 600,
    unsealed: 0,
    checkpoints: 4,
    tiles: 4,
    bundles: 3,
    witnessedBy: 1,
    witnesses: [
      { name: WITNESS, keyId: WITNESS_VKEY.split('+')[1], cosignatures: 2, size: 600, time: AFTER },
    ],
    promises: { kept: 0, broken: 0, unmeasured: 0 },
    failed: [],
  });
});

test('the key beside the log is used where none is pinned, and the log is then not called verified', async (t) => {
  const { file, log } = await sealed(t);
  const { logs, unmeasured, wrong } = await verify(file, { witness: [WITNESS_VKEY] });
  assert.deepEqual(wrong, {});
  assert.equal(unmeasured.log_checkpoint, 1);
  assert.deepEqual(logs[0]?.words, ['log key not pinned', 'witnessed by 1']);
  rmSync(log.directory.replace(/\.log$/, '.vkey'));
  const keyless = await verify(file);
  assert.deepEqual(keyless.wrong, {});
  assert.deepEqual(keyless.logs[0]?.words, ['log key not pinned', 'unwitnessed']);
  assert.match(
    keyless.findings.find(({ check }) => check === 'log_checkpoint')?.message ?? '',
    /nobody knows who signed/,
  );
});

test('a log without a cosignature of a pinned witness is unwitnessed, also if the one before has one', async (t) => {
  const { file, log } = await sealed(t);
  assert.deepEqual((await verify(file, { vkey: [log.vkey] })).logs[0]?.words, ['unwitnessed']);
  rmSync(join(log.directory, 'cosignatures/600'));
  const { logs, findings } = await verify(file, { vkey: [log.vkey], witness: [WITNESS_VKEY] });
  assert.deepEqual(logs[0]?.words, ['unwitnessed']);
  const note = findings.find(({ check }) => check === 'log_cosignature');
  assert.match(note?.message ?? '', /of 600 leaves; the newest that one did has 300$/);
});

test('a cosignature that holds and bears no time witnesses nothing', async (t) => {
  const { file, log } = await sealed(t);
  const head = log.heads.get(600);
  assert.ok(head);
  log.put('cosignatures/600', `${cosignHead(head, 0)}\n`);
  const { wrong, logs } = await verify(file, { vkey: [log.vkey], witness: [WITNESS_VKEY] });
  assert.deepEqual(wrong, {});
  assert.deepEqual(logs[0]?.words, ['unwitnessed']);
});

test('a witness may sign with ML-DSA-44, which a runtime that has none leaves unmeasured', async (t) => {
  const { file, log } = await sealed(t);
  const head = log.heads.get(600);
  assert.ok(head);
  const key = { name: WITNESS, type: 'cosignatureMlDsa44' } as const;
  const pins = (publicKey: Uint8Array) => ({
    vkey: [log.vkey],
    witness: [formatVerifierKey({ ...key, publicKey })],
  });
  if (!HAS_ML_DSA_44) {
    const publicKey = new Uint8Array(1312);
    const bytes = Buffer.alloc(8 + 2420, 1);
    const line = signatureLine({ name: WITNESS, keyId: keyIdOf({ ...key, publicKey }) }, bytes);
    log.put('cosignatures/600', `${line}\n`);
    const { wrong, unmeasured } = await verify(file, pins(publicKey));
    assert.deepEqual([wrong, unmeasured.log_cosignature], [{}, 2]);
    return;
  }
  // The type definitions do not know every algorithm that the runtime has.
  const { privateKey } = generateKeyPairSync('ml-dsa-44' as 'ed25519');
  const line = cosign(checkpointText(head), AFTER, WITNESS, privateKey);
  log.put('cosignatures/600', `${line}\n`);
  const { logs } = await verify(file, pins(witnessKeyOf(WITNESS, privateKey).publicKey));
  assert.deepEqual(logs[0]?.words, ['verified', 'witnessed by 1']);
});

test('a cosignature may also stand in the checkpoint, as it is served', async (t) => {
  const { file, log } = await sealed(t);
  rmSync(join(log.directory, 'cosignatures/600'));
  const head = log.heads.get(600);
  assert.ok(head);
  appendFileSync(join(log.directory, 'checkpoint'), `${cosignHead(head, AFTER)}\n`);
  const { logs } = await verify(file, { vkey: [log.vkey], witness: [WITNESS_VKEY] });
  assert.deepEqual(logs[0]?.words, ['verified', 'witnessed by 1']);
});

test('signature lines of unknown keys are passed over', async (t) => {
  const { file, log } = await sealed(t);
  const head = log.heads.get(600);
  assert.ok(head);
  const stranger = `${cosignHead(head, AFTER, 'stranger.example')}\n`;
  appendFileSync(join(log.directory, 'checkpoint'), stranger);
  appendFileSync(join(log.directory, 'cosignatures/600'), stranger);
  const { wrong, logs } = await verify(file, { vkey: [log.vkey], witness: [WITNESS_VKEY] });
  assert.deepEqual(wrong, {});
  assert.deepEqual(logs[0]?.words, ['verified', 'witnessed by 1']);
});

test('lines after the newest checkpoint are unsealed, and told', async (t) => {
  const { file, log } = await sealed(t, [3, 300]);
  const { wrong, unmeasured, logs } = await verify(file, {
    vkey: [log.vkey],
    witness: [WITNESS_VKEY],
  });
  assert.deepEqual(wrong, {});
  assert.equal(unmeasured.log_size, 1);
  assert.deepEqual(logs[0]?.words, ['verified', 'witnessed by 1', '300 unsealed']);
});

test('rotated files are one ledger, and one of them alone is not held to the log', async (t) => {
  const { directory, file, log } = await sealed(t);
  const lines = readFileSync(file, 'utf8').split('\n');
  const rotated = join(directory, 'ledger.000001.ndjson');
  writeFileSync(rotated, `${lines.slice(0, 299).join('\n')}\n`);
  writeFileSync(file, lines.slice(299).join('\n'));
  const whole = await verify(file, { vkey: [log.vkey], witness: [WITNESS_VKEY] });
  assert.deepEqual(whole.wrong, {});
  assert.deepEqual(whole.logs[0]?.words, ['verified', 'witnessed by 1']);
  const alone = await verify(rotated, { vkey: [log.vkey], log: log.directory });
  assert.deepEqual(alone.wrong, {});
  assert.equal(alone.unmeasured.log_leaf, 1);
  renameSync(rotated, join(directory, 'ledger.000002.ndjson'));
  assert.equal((await verify(file, { vkey: [log.vkey] })).unmeasured.log_leaf, 1);
});

test('a log elsewhere is named with --log', async (t) => {
  const { directory, file, log } = await sealed(t);
  const elsewhere = join(directory, 'elsewhere');
  cpSync(log.directory, elsewhere, { recursive: true });
  rmSync(log.directory, { recursive: true });
  const pins = { vkey: [log.vkey], witness: [WITNESS_VKEY] };
  const { logs } = await verify(file, { ...pins, log: elsewhere });
  assert.deepEqual(logs[0]?.words, ['verified', 'witnessed by 1']);
  // Nothing was named, and nothing is there: as it was before there were logs.
  assert.deepEqual((await verify(file)).logs, []);
  const missing = await verify(file, pins);
  assert.deepEqual(missing.wrong, { log_checkpoint: 1 });
  assert.match(missing.findings[0]?.message ?? '', /has no log beside it/);
});

test('what a sealer leaves between two of its steps is no fault', async (t) => {
  const { file, log } = await sealed(t);
  const pins = { vkey: [log.vkey], witness: [WITNESS_VKEY] };
  // It stored the checkpoint of 600 and did not come to make it the newest.
  cpSync(join(log.directory, 'checkpoints/300'), join(log.directory, 'checkpoint'));
  assert.deepEqual((await verify(file, pins)).logs[0]?.words, ['verified', 'witnessed by 1']);
  // It dropped the partial forms of a full tile, which a reader of the earlier tree wanted.
  rmSync(join(log.directory, 'checkpoints/600'));
  rmSync(join(log.directory, 'cosignatures/600'));
  rmSync(join(log.directory, 'tile/0/001.p'), { recursive: true });
  rmSync(join(log.directory, 'tile/entries/001.p'), { recursive: true });
  const { wrong, logs } = await verify(file, pins);
  assert.deepEqual(wrong, {});
  assert.deepEqual(logs[0]?.words, ['verified', 'witnessed by 1', '300 unsealed']);
});

test('a log that was only begun has no checkpoint, which is no fault unless its key is pinned', async (t) => {
  const { file, log } = await sealed(t);
  rmSync(join(log.directory, 'checkpoints'), { recursive: true });
  rmSync(join(log.directory, 'checkpoint'));
  const { wrong, unmeasured } = await verify(file);
  assert.deepEqual([wrong, unmeasured.log_checkpoint], [{}, 1]);
  assert.deepEqual((await verify(file, { vkey: [log.vkey] })).wrong, { log_checkpoint: 1 });
});
