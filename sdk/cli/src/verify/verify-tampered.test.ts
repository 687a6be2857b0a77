import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseLedgerLine } from '@vantio/schema';
import { ledgerFamily } from '../ledger/ledger-family.ts';
import { runVantio } from '../testing/run-vantio.ts';
import { API_KEY, sampleLedger } from '../testing/sample-ledger.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import type { VerifyOutcome } from './outcome.ts';
import { verifyLedger } from './verify-ledger.ts';

type Tampering = {
  readonly what: string;
  readonly change: (lines: string[]) => readonly string[];
  /** The check that must be named, and the line it must be named at. */
  readonly check: string;
  readonly line?: number;
};

type Replacement = string | ((...matched: string[]) => string);

const edit = (at: number, from: string | RegExp, to: Replacement) => (lines: string[]) =>
  lines.map((line, index) => (index === at ? replaced(line, from, to) : line));

function replaced(line: string, from: string | RegExp, to: Replacement): string {
  const text = line.replace(from, to as string);
  assert.notEqual(text, line, 'the tampering changed nothing');
  return text;
}

const swap = (a: number, b: number) => (lines: string[]) =>
  lines.map((line, index) => (index === a ? lines[b] : index === b ? lines[a] : line) ?? line);

const TAMPERINGS: readonly Tampering[] = [
  { what: 'a port is another', change: edit(1, '443', '444'), check: 'mac', line: 2 },
  { what: 'a host is another', change: edit(1, 'openai', 'opena1'), check: 'mac', line: 2 },
  {
    what: 'a record MAC is another',
    change: edit(3, /("record_mac":")./, '$1g'),
    check: 'form',
    line: 4,
  },
  {
    what: 'the time of receipt is another',
    change: edit(2, /("received_at":"20)../, '$127'),
    check: 'received_mac',
    line: 3,
  },
  {
    what: 'a space stands between members',
    change: edit(1, ',"client"', ', "client"'),
    check: 'form',
    line: 2,
  },
  {
    what: 'a member stands twice',
    change: edit(1, '"client":"fetch"', '"client":"fetch","client":"fetch"'),
    check: 'form',
    line: 2,
  },
  {
    what: 'an unknown field is there',
    change: edit(1, '"client":"fetch"', '"client":"fetch","colour":"red"'),
    check: 'form',
    line: 2,
  },
  {
    what: 'a line is missing',
    change: (lines) => lines.toSpliced(2, 1),
    check: 'received_mac',
    line: 3,
  },
  {
    what: 'the first line is missing',
    change: (lines) => lines.toSpliced(0, 1),
    check: 'received_mac',
    line: 1,
  },
  {
    what: 'a line is there twice',
    change: (lines) => lines.toSpliced(3, 0, lines[2] ?? ''),
    check: 'received_mac',
    line: 4,
  },
  { what: 'two lines changed places', change: swap(2, 3), check: 'received_mac', line: 3 },
  { what: 'a line is empty', change: (lines) => lines.toSpliced(2, 0, ''), check: 'form', line: 3 },
  {
    what: 'a line holds something else',
    change: (lines) => lines.toSpliced(2, 0, '{"a":1}'),
    check: 'form',
    line: 3,
  },
];

for (const { what, change, check, line } of TAMPERINGS)
  test(`verify exits 1 and names the check when ${what}`, async (t) => {
    const directory = temporaryDirectory(t);
    const { lines, keyFile } = sampleLedger(directory);
    const file = join(directory, 'tampered.ndjson');
    writeFileSync(file, `${change([...lines]).join('\n')}\n`);
    const ran = await runVantio(['verify', file, '--key-file', keyFile]);
    assert.equal(ran.status, 1, ran.stdout + ran.stderr);
    assert.ok(
      ran.stdout.includes(`tampered.ndjson:${line}  ${check}  `),
      `${check} at line ${line} is not named:\n${ran.stdout}`,
    );
    assert.match(ran.stdout, /^rejected: /m);
    // A line that can be read is told by its event, too.
    if (check === 'form') return;
    const { record } = parseLedgerLine(change([...lines])[(line ?? 0) - 1] ?? '');
    assert.ok(
      ran.stdout.includes(`:${line}  ${check}  event ${record.event_id}  `),
      `the event is not named:\n${ran.stdout}`,
    );
  });

test('a signature of the session key that does not hold is named, also where nobody knows the API key', async (t) => {
  const directory = temporaryDirectory(t);
  const { lines } = sampleLedger(directory);
  const head = lines.findIndex((line) => line.includes('"event_type":"session_head"'));
  const file = join(directory, 'tampered.ndjson');
  const forged = edit(
    head,
    /"session_sig":"(.)/,
    (_, digit) => `"session_sig":"${digit === 'a' ? 'b' : 'a'}`,
  );
  writeFileSync(file, `${forged([...lines]).join('\n')}\n`);
  const ran = await runVantio(['verify', file]);
  assert.equal(ran.status, 1);
  const { event_id } = parseLedgerLine(lines[head] ?? '').record;
  assert.ok(
    ran.stdout.includes(`:${head + 1}  session_signature  event ${event_id}  session_sig`),
    ran.stdout,
  );
});

test('a ledger with any one byte changed is rejected, wherever the byte stands', (t) => {
  const directory = temporaryDirectory(t);
  const { lines } = sampleLedger(directory);
  const bytes = Buffer.from(`${lines.join('\n')}\n`);
  const file = join(directory, 'flipped.ndjson');
  const survivors: number[] = [];
  // Steps that are prime to the lengths of fields: each kind of byte is met, with each kind of change.
  for (let at = 0; at < bytes.length; at += 7) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ ([0x01, 0x20, 0x80][at % 3] ?? 1);
    writeFileSync(file, changed);
    if (verdictOf(file).verdict !== 'rejected') survivors.push(at);
  }
  assert.deepEqual(survivors, []);
});

test('a ledger cut anywhere but after a line is rejected as torn, and one cut after a line is not called whole', (t) => {
  const directory = temporaryDirectory(t);
  const { lines } = sampleLedger(directory);
  const text = `${lines.join('\n')}\n`;
  const file = join(directory, 'cut.ndjson');
  for (let length = 1; length < text.length; length += 13) {
    writeFileSync(file, text.slice(0, length));
    const { wrong, unmeasured } = verdictOf(file);
    if (text[length - 1] === '\n') assert.equal(unmeasured.tail, 1);
    else assert.equal(wrong.torn, 1, `cut at ${length}`);
  }
  writeFileSync(file, `${lines.slice(0, -1).join('\n')}\n`);
  assert.equal(verdictOf(file).unmeasured.tail, 1);
});

function verdictOf(file: string): VerifyOutcome {
  return verifyLedger({
    files: ledgerFamily(file),
    apiKeys: [API_KEY],
    sessionRoots: [],
    expectHeads: [],
  });
}
