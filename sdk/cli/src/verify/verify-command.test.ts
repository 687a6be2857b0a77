import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ledgerLines, ROOT_KEY, sampleSession } from '@vantio/schema/vectors/sample-session';
import { runVantio } from '../testing/run-vantio.ts';
import {
  API_KEY,
  disclosureLine,
  OTHER_KEY,
  sampleLedger,
  writeDisclosures,
} from '../testing/sample-ledger.ts';
import { verifierKeyOf, WITNESS_VKEY } from '../testing/seal-ledger.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import type { VerifyOutcome } from './outcome.ts';

const outcomeOf = (stdout: string): VerifyOutcome => JSON.parse(stdout) as VerifyOutcome;

test('a sound ledger verifies with the note that nobody vouches for its origin', async (t) => {
  const { file, keyFile } = sampleLedger(temporaryDirectory(t));
  const ran = await runVantio(['verify', file, '--key-file', keyFile]);
  assert.equal(ran.status, 0, ran.stdout);
  assert.match(
    ran.stdout,
    /^session [0-9a-f]{32} {2}acme {2}sdk_node {2}7 records {2}verified, origin unattested$/m,
  );
  assert.match(ran.stdout, /^files 1, sessions 1, records 7, verified 7$/m);
  assert.match(ran.stdout, /^verified with notes \(unmeasured: 1 origin\)$/m);
});

test('--strict fails what is only unmeasured', async (t) => {
  const { file, keyFile } = sampleLedger(temporaryDirectory(t));
  const ran = await runVantio(['verify', file, '--key-file', keyFile, '--strict']);
  assert.equal(ran.status, 1);
});

test('a pinned session root attests the origin, and nothing is left unmeasured', async (t) => {
  const directory = temporaryDirectory(t);
  const { keyFile } = sampleLedger(directory);
  const sealed = sampleSession({ root: true });
  const file = join(directory, 'rooted.ndjson');
  writeFileSync(
    file,
    `${ledgerLines(sealed.map((one) => ({ sealed: one, apiKey: API_KEY }))).join('\n')}\n`,
  );
  const args = ['verify', file, '--key-file', keyFile, '--strict'];
  assert.equal((await runVantio([...args, '--session-root', ROOT_KEY])).status, 0);
  const other = join(directory, 'other.pem');
  const { publicKey } = generateKeyPairSync('ed25519');
  writeFileSync(other, publicKey.export({ type: 'spki', format: 'pem' }));
  assert.equal((await runVantio([...args, '--session-root', other])).status, 1);
});

test('without its key a record is called MAC unmeasured, never verified by a key from the ledger', async (t) => {
  const { file } = sampleLedger(temporaryDirectory(t));
  const ran = await runVantio(['verify', file]);
  assert.equal(ran.status, 0);
  assert.match(ran.stdout, /verified, MAC unmeasured, origin unattested/);
});

test('a key of the right id and another secret is found out', async (t) => {
  const directory = temporaryDirectory(t);
  const { file } = sampleLedger(directory);
  const parts = API_KEY.split('.');
  parts[6] = OTHER_KEY.split('.')[6] ?? '';
  const forged = join(directory, 'forged.key');
  writeFileSync(forged, parts.join('.'));
  const ran = await runVantio(['verify', file, '--key-file', forged]);
  assert.equal(ran.status, 1);
  assert.match(ran.stdout, /ledger\.ndjson:1 {2}mac /);
  assert.doesNotMatch(ran.stdout + ran.stderr, new RegExp(parts[6] ?? ''));
});

test('--expect-head notices records that were cut off the end', async (t) => {
  const directory = temporaryDirectory(t);
  const { file, keyFile, lines } = sampleLedger(directory);
  const { stdout } = await runVantio(['verify', file, '--key-file', keyFile, '--json']);
  const [session] = outcomeOf(stdout).sessions;
  const head = `${session?.sessionId}:${session?.lastSeq}:${session?.lastHash}`;
  const args = ['--key-file', keyFile, '--expect-head', head];
  assert.equal((await runVantio(['verify', file, ...args])).status, 0);
  writeFileSync(file, `${lines.slice(0, 5).join('\n')}\n`);
  const cut = await runVantio(['verify', file, ...args]);
  assert.equal(cut.status, 1);
  assert.match(
    cut.stdout,
    /head {2}session [0-9a-f]{32} {2}the record that --expect-head pins is missing/,
  );
});

test('a session that is open still reads tail unmeasured', async (t) => {
  const { file, keyFile, lines } = sampleLedger(temporaryDirectory(t));
  writeFileSync(file, `${lines.slice(0, -1).join('\n')}\n`);
  const ran = await runVantio(['verify', file, '--key-file', keyFile]);
  assert.equal(ran.status, 0);
  assert.match(ran.stdout, /verified, tail unmeasured, origin unattested/);
});

test('a gap reads gap, and a place taken twice reads conflict, also where no key was named', async (t) => {
  const { file, lines } = sampleLedger(temporaryDirectory(t));
  writeFileSync(file, `${lines.toSpliced(2, 1).join('\n')}\n`);
  const gap = await runVantio(['verify', file]);
  assert.equal(gap.status, 1);
  assert.match(gap.stdout, /6 records {2}gap, MAC unmeasured/);
  assert.match(gap.stdout, /ledger\.ndjson:3 {2}gap {2}/);
  writeFileSync(file, `${lines.toSpliced(2, 0, lines[1] ?? '').join('\n')}\n`);
  const conflict = await runVantio(['verify', file]);
  assert.equal(conflict.status, 1);
  assert.match(conflict.stdout, /8 records {2}conflict, MAC unmeasured/);
});

test('bytes that are not UTF-8 and lines over the bound are refused with their line', async (t) => {
  const { file, keyFile, lines } = sampleLedger(temporaryDirectory(t));
  const text = lines.map((line) => Buffer.from(`${line}\n`));
  writeFileSync(file, Buffer.concat([...text, Buffer.from([0x22, 0xff, 0xfe, 0x22, 0x0a])]));
  const bytes = await runVantio(['verify', file, '--key-file', keyFile]);
  assert.equal(bytes.status, 1);
  assert.match(bytes.stdout, /ledger\.ndjson:8 {2}form {2}line is not UTF-8/);
  writeFileSync(file, Buffer.concat([Buffer.alloc(3_000_000, 0x78), Buffer.from('\n'), ...text]));
  const long = await runVantio(['verify', file, '--key-file', keyFile, '--json']);
  assert.equal(long.status, 1);
  const { records, verified, findings } = outcomeOf(long.stdout);
  assert.deepEqual([records, verified], [8, 7]);
  assert.equal(findings.find(({ check }) => check === 'form')?.line, 1);
});

test('rotated files are read before the active one, and a missing one is noticed', async (t) => {
  const directory = temporaryDirectory(t);
  const { file, keyFile, lines } = sampleLedger(directory);
  const rotated = (number: string): string => join(directory, `ledger.${number}.ndjson`);
  writeFileSync(rotated('000001'), `${lines.slice(0, 2).join('\n')}\n`);
  writeFileSync(rotated('000002'), `${lines.slice(2, 4).join('\n')}\n`);
  writeFileSync(file, `${lines.slice(4).join('\n')}\n`);
  const whole = await runVantio(['verify', file, '--key-file', keyFile, '--json']);
  assert.equal(whole.status, 0, whole.stdout);
  assert.equal(outcomeOf(whole.stdout).files.length, 3);
  assert.equal(outcomeOf(whole.stdout).verified, 7);
  renameSync(rotated('000002'), join(directory, 'elsewhere'));
  const holed = await runVantio(['verify', file, '--key-file', keyFile]);
  assert.equal(holed.status, 1);
  assert.match(holed.stdout, /gap/);
});

test("another writer's file belongs to the ledger, with a chain of lines of its own", async (t) => {
  const directory = temporaryDirectory(t);
  const { file, keyFile } = sampleLedger(directory);
  const sealed = sampleSession({ label: 'second writer' });
  const lines = ledgerLines(sealed.map((one) => ({ sealed: one, apiKey: API_KEY })));
  const writer = sealed[0]?.record.session_id.slice(0, 16);
  writeFileSync(join(directory, `ledger.w-${writer}.ndjson`), `${lines.join('\n')}\n`);
  const ran = await runVantio(['verify', file, '--key-file', keyFile, '--json']);
  assert.equal(ran.status, 0, ran.stdout);
  assert.equal(outcomeOf(ran.stdout).verified, 14);
});

test('each disclosure is held against the commitment of its record', async (t) => {
  const { file, keyFile, sealed } = sampleLedger(temporaryDirectory(t));
  const shield = sealed[2];
  assert.ok(shield);
  const good = disclosureLine(shield);
  const verify = () => runVantio(['verify', file, '--key-file', keyFile]);
  writeDisclosures(file, [good]);
  assert.equal((await verify()).status, 0);
  for (const [what, line, fault] of [
    ['value', good.replace('research', 'pesearch'), /agent_name_commit is not the commitment/],
    ['salt', good.replace(/"salt":"./, '"salt":"e'), /agent_name_commit is not the commitment/],
    ['tenant', good.replace('acme', 'acne'), /tenant_id is not the record's tenant/],
    [
      'event',
      good.replace(/"event_id":"0/, '"event_id":"1'),
      /event_id discloses a field of no record/,
    ],
    ['field', good.replace('agent_name', 'file_path'), /discloses a field of no record/],
    ['form', `${good} `, /not in canonical form/],
  ] as const) {
    assert.notEqual(line, good, what);
    writeDisclosures(file, [line]);
    const ran = await verify();
    assert.equal(ran.status, 1, what);
    assert.match(ran.stdout, fault);
    assert.match(ran.stdout, /ledger\.disclosures\.ndjson:1 {2}disclosure {2}/);
    assert.doesNotMatch(ran.stdout, /esearch/, 'a disclosed value was printed');
  }
});

test('wrong arguments and unreadable files exit 2 with one sentence', async (t) => {
  const directory = temporaryDirectory(t);
  const { file, keyFile } = sampleLedger(directory);
  const empty = join(directory, 'empty.key');
  writeFileSync(empty, '# none\n');
  for (const args of [
    [],
    [join(directory, 'none.ndjson')],
    [directory],
    [join(directory, 'ledger.disclosures.ndjson')],
    [file, '--key-file', join(directory, 'none')],
    [file, '--key-file', empty],
    [file, '--key-file', file],
    [file, '--key-file', keyFile, '--expect-head', 'x'],
    [file, '--key-file', keyFile, '--session-root', 'x'],
    [file, '--key-file', keyFile, '--show', '-1'],
    [file, '--vkey', join(directory, 'none.vkey')],
    [file, '--vkey', empty],
    [file, '--vkey', keyFile],
    [file, '--vkey', WITNESS_VKEY],
    [file, '--vkey', `log+00000000+${Buffer.alloc(33, 1).toString('base64')}`],
    [file, '--witness', verifierKeyOf('log')],
    // Signature type 9 is nobody's.
    [file, '--witness', `log+00000000+${Buffer.alloc(33, 9).toString('base64')}`],
    [file, '--log', join(directory, 'none.log')],
    [file, file, '--log', directory],
    [file, '--checkpoint', join(directory, 'none')],
    [file, '--html', join(directory, 'none/report.html')],
    [file, '--frobnicate'],
  ]) {
    const ran = await runVantio(['verify', ...args]);
    assert.equal(ran.status, 2, args.join(' '));
    assert.equal(ran.stdout, '');
    assert.match(ran.stderr, /^vantio: [^\n]+\n$/, args.join(' '));
    assert.ok(!ran.stderr.includes(readFileSync(keyFile, 'utf8').split('\n')[1] ?? 'x'));
  }
});
