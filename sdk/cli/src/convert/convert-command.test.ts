import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ledgerLines, sampleSession } from '@vantio/schema/vectors/sample-session';
import { runVantio } from '../testing/run-vantio.ts';
import {
  API_KEY,
  disclosureLine,
  sampleLedger,
  writeDisclosures,
} from '../testing/sample-ledger.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';

const FILE_FORMS = ['cloudevents', 'ocsf'];

test('an option that a form lacks or has no use for is told in one sentence, before anything is read', async (t) => {
  const directory = temporaryDirectory(t);
  const out = join(directory, 'out');
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['--to', 'parquet'], /--to parquet wants --out PATH: where to write\./],
    [
      ['--to', 'ocsf', '--out', out, '--uri', 'gs://b/f'],
      /--uri is for --to csv; leave it out with ocsf\./,
    ],
    [
      ['--to', 'otlp-logs', '--out', out],
      /--out is for --to csv, avro, parquet, .*; leave it out with otlp-logs/,
    ],
    [['--to', 'otlp-spans'], /--to otlp-spans wants --endpoint URL/],
    [
      ['--to', 'cloudevents', '--out', out, '--state-dir', 'x'],
      /--state-dir is for --to in-toto, cose/,
    ],
    [['--to', 'yaml'], /'yaml' is invalid\. Allowed choices are csv, avro, parquet/],
    [[], /required option '--to <form>' not specified/],
  ];
  for (const [args, words] of cases) {
    const { status, stdout, stderr } = await runVantio([
      'convert',
      'no such ledger.ndjson',
      ...args,
    ]);
    assert.equal(status, 2);
    assert.equal(stdout, '');
    assert.match(stderr, words);
    assert.equal(stderr.split('\n').length, 2);
    assert.equal(existsSync(out), false);
  }
});

test('of a ledger that does not verify, nothing is written in any form', async (t) => {
  const directory = temporaryDirectory(t);
  const { file, keyFile } = sampleLedger(directory);
  const out = join(directory, 'out');
  const refused = async (words: RegExp, keys: readonly string[]): Promise<void> => {
    for (const form of ['parquet', ...FILE_FORMS, 'in-toto', 'cose']) {
      const ran = await runVantio(['convert', file, ...keys, '--to', form, '--out', out]);
      assert.equal(ran.status, 1);
      assert.match(ran.stderr, words);
      assert.equal(existsSync(out), false);
    }
  };
  await refused(/ledger\.ndjson:1: mac: .*MAC unmeasured/, []);
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('"bytes_sent":1234', '"bytes_sent":1235'));
  await refused(/ledger\.ndjson:2: mac: .*nothing was done/, ['--key-file', keyFile]);
});

test('what is there is never written over, and what is written is for nobody else', async (t) => {
  const directory = temporaryDirectory(t);
  const { file, keyFile } = sampleLedger(directory);
  const convert = (form: string, out: string) =>
    runVantio(['convert', file, '--key-file', keyFile, '--to', form, '--out', out]);
  for (const form of FILE_FORMS) {
    const out = join(directory, form);
    assert.equal((await convert(form, out)).status, 0);
    assert.equal(statSync(out).mode & 0o777, 0o600);
    const again = await convert(form, out);
    assert.equal(again.status, 2);
    assert.match(again.stderr, /exists; an export never writes over a file/);
    assert.equal((await convert(form, join(directory, 'no', 'such'))).status, 2);
  }
  const full = join(directory, 'full');
  mkdirSync(full);
  writeFileSync(join(full, 'kept'), '');
  const { status, stderr } = await convert('parquet', full);
  assert.equal(status, 2);
  assert.match(stderr, /full is not empty/);
  assert.deepEqual(readdirSync(full), ['kept']);
});

test('no form but those of Spanner holds the value behind a commitment', async (t) => {
  const directory = temporaryDirectory(t);
  const { file, keyFile, sealed } = sampleLedger(directory);
  const shield = sealed.find(({ record }) => record.event_type === 'shield_end') ?? assert.fail();
  writeDisclosures(file, [disclosureLine(shield)]);
  for (const form of ['parquet', ...FILE_FORMS]) {
    const out = join(directory, form);
    const args = ['convert', file, '--key-file', keyFile, '--to', form, '--out', out, '--json'];
    const { status, stdout, stderr } = await runVantio(args);
    assert.equal(status, 0, stderr);
    assert.equal(JSON.parse(stdout).format, form);
    const written = form === 'parquet' ? join(out, 'records-000001.parquet') : out;
    const bytes = readFileSync(written).toString('latin1');
    assert.ok(bytes.length > 1000);
    assert.doesNotMatch(bytes, /research/);
  }
});

test('a record that two writers took is written once', async (t) => {
  const directory = temporaryDirectory(t);
  const { file, keyFile, sealed } = sampleLedger(directory);
  const other = join(directory, 'ledger.w-0123456789abcdef.ndjson');
  const lines = ledgerLines(sampleSession().map((one) => ({ sealed: one, apiKey: API_KEY })));
  writeFileSync(other, lines.map((line) => `${line}\n`).join(''));
  for (const form of FILE_FORMS) {
    const out = join(directory, form);
    const args = ['convert', file, '--key-file', keyFile, '--to', form, '--out', out];
    assert.match((await runVantio(args)).stderr, /conflict: .*--accept conflict/);
    const { status, stderr } = await runVantio([...args, '--accept', 'conflict']);
    assert.equal(status, 0, stderr);
    assert.equal(readFileSync(out, 'utf8').split('\n').length - 1, sealed.length);
  }
});
