import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createSession, type RecordDraft, readApiKey, recordKey } from '@vantio/schema';
import { fixedApiKey } from '@vantio/schema/vectors/fixed-keys';
import { ledgerLines } from '@vantio/schema/vectors/sample-session';
import { runVantio, startVantio } from '../testing/run-vantio.ts';
import { sampleLedger } from '../testing/sample-ledger.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { followFile } from './follow-file.ts';

test('tail prints the latest records, one a line, and as JSON the ledger lines themselves', async (t) => {
  const { file, lines } = sampleLedger(temporaryDirectory(t));
  const { stdout, status } = await runVantio(['tail', file, '-n', '2']);
  assert.equal(status, 0);
  assert.match(
    stdout,
    /^03:04:05\.005 {2}-{8} {2}loss {2}3 lost \(queue_full\)\n03:04:05\.006 {2}-{8} {2}session end\n$/,
  );
  const json = await runVantio(['tail', file, '-n', '3', '--json']);
  assert.equal(json.stdout, `${lines.slice(-3).join('\n')}\n`);
  assert.equal((await runVantio(['tail', file, '-n', '0'])).stdout, '');
});

test('what the control plane says of keys is told by key and tenant', async (t) => {
  const apiKey = fixedApiKey('vantio', 'control key', 'control');
  const { tenantId, keyId } = readApiKey(apiKey);
  const session = createSession({
    tenantId,
    keyId,
    source: 'control_plane',
    recordKey: recordKey(apiKey),
    sessionKey: generateKeyPairSync('ed25519').privateKey,
  });
  const key = { subject_key_id: '0123456789abcdef' };
  const owned = { ...key, subject_tenant_id: 'acme' };
  const at = '2026-01-02T03:04:05.000000Z';
  const coalesced = { count: 1001, first_at: at, last_at: at };
  const start = {
    event_type: 'session_start',
    action_taken: 'RECORDED',
    session_public_key: session.publicKey,
    emitter: 'test',
    emitter_version: '1',
  };
  const drafts = [
    start,
    { event_type: 'rate_refused', action_taken: 'REFUSED_RATE', ...owned, ...coalesced },
    { event_type: 'quota_refused', action_taken: 'REFUSED_QUOTA', ...owned, lost_events: 12 },
    { event_type: 'key_revoked', action_taken: 'RECORDED', ...key },
  ].map((draft) => ({ ...draft, evidence: 'observed', trace_origin: 'none' }) as RecordDraft);
  const lines = ledgerLines(
    drafts.map((draft) => ({ sealed: session.seal(draft, 1_767_323_045_000_000), apiKey })),
  );
  const file = join(temporaryDirectory(t), 'ledger.ndjson');
  writeFileSync(file, `${lines.join('\n')}\n`);
  const { stdout } = await runVantio(['tail', file, '-n', '3']);
  assert.equal(
    stdout,
    [
      'rate refused  key 0123456789abcdef of acme  x1001',
      'quota refused  key 0123456789abcdef of acme  12 events',
      'key revoked  key 0123456789abcdef',
    ]
      .map((said) => `03:04:05.000  --------  ${said}\n`)
      .join(''),
  );
});

test('tail of what is not there, or cannot be read, exits 2 with one sentence', async (t) => {
  const directory = temporaryDirectory(t);
  for (const file of [join(directory, 'none.ndjson'), directory]) {
    const { status, stdout, stderr } = await runVantio(['tail', file]);
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(stderr, /^vantio: [^\n]+\n$/);
  }
});

test('a line that holds no record never reaches the terminal as it is', async (t) => {
  const { file } = sampleLedger(temporaryDirectory(t));
  appendFileSync(file, '\u001b]0;owned\u0007\n');
  for (const args of [[], ['--json']]) {
    const { stdout } = await runVantio(['tail', file, '-n', '1', ...args]);
    assert.match(stdout, /unreadable/);
    assert.doesNotMatch(stdout, /owned/);
  }
});

test('tail -f goes on as records come, across two rotations, with further writers, and loses none', async (t) => {
  const directory = temporaryDirectory(t);
  const { file, lines } = sampleLedger(directory);
  const [a, b, c, d, e, f, g] = lines as [string, string, string, string, string, string, string];
  writeFileSync(file, `${a}\n`);
  const followed = follow(t, file);
  await followed.until([a]);
  // Half a line is not a line.
  appendFileSync(file, b.slice(0, 100));
  appendFileSync(file, `${b.slice(100)}\n`);
  await followed.until([a, b]);
  appendFileSync(file, `${c}\n`);
  renameSync(file, join(directory, 'ledger.000001.ndjson'));
  writeFileSync(file, `${d}\n`);
  renameSync(file, join(directory, 'ledger.000002.ndjson'));
  writeFileSync(file, `${e}\n`);
  await followed.until([a, b, c, d, e]);
  writeFileSync(join(directory, 'ledger.w-0123456789abcdef.ndjson'), `${f}\n`);
  await followed.until([a, b, c, d, e, f]);
  appendFileSync(file, `${g}\n`);
  await followed.until([a, b, c, d, e, f, g]);
});

test('files of one writer follow each other by number, none is numbered 0, and none is lost that was rotated while the active one was away', (t) => {
  const directory = temporaryDirectory(t);
  const file = join(directory, 'ledger.ndjson');
  const rotated = (number: string): string => join(directory, `ledger.${number}.ndjson`);
  writeFileSync(file, 'a\n');
  const seen: string[] = [];
  const follower = followFile(file, undefined, (line) => seen.push(line));
  t.after(follower.close);
  follower.poll();
  writeFileSync(rotated('000000'), 'no file of this ledger\n');
  renameSync(file, rotated('999998'));
  follower.poll();
  // Two more before the next look.
  writeFileSync(rotated('999999'), 'b\n');
  writeFileSync(rotated('1000000'), 'c\n');
  writeFileSync(file, 'd\n');
  follower.poll();
  assert.deepEqual(seen, ['a', 'b', 'c', 'd']);
});

/** Follows a ledger as JSON until it has printed exactly the lines expected; the test's own time limit bounds the wait. */
function follow(t: TestContext, file: string) {
  const child = startVantio(['tail', '-f', '--json', file]);
  t.after(() => child.kill());
  let printed = '';
  let heard = (): void => {};
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    heard();
  });
  const until = (expected: readonly string[]): Promise<void> =>
    new Promise((resolve) => {
      const whole = `${expected.join('\n')}\n`;
      heard = () => {
        if (printed.length < whole.length) return;
        assert.equal(printed, whole);
        resolve();
      };
      heard();
    });
  return { until };
}
