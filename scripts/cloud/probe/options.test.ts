import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROBES } from './finding.ts';
import { OptionError, readOptions, USAGE } from './options.ts';

const GIVEN = [
  '--project=acme-audit',
  '--region=europe-west1',
  '--url=https://vantio.acme.example',
  '--key-file=probe.key',
];

const refusal = (args: readonly string[], message: RegExp): void =>
  assert.throws(
    () => readOptions(args),
    (error) => error instanceof OptionError && message.test(error.message),
    args.join(' '),
  );

test('everything is asked unless something is named', () => {
  const all = readOptions(GIVEN);
  assert.ok(all !== 'help');
  assert.deepEqual(all.only, PROBES);
  const some = readOptions([...GIVEN, '--only', 'roles,federated', '--only=rate-limit']);
  assert.ok(some !== 'help');
  assert.deepEqual(some.only, ['roles', 'federated', 'rate-limit']);
  assert.equal(some.url, 'https://vantio.acme.example');
});

test('what is missing or misspelt is refused by its name', () => {
  for (const name of ['project', 'region', 'url', 'key-file'])
    refusal(
      GIVEN.filter((option) => !option.startsWith(`--${name}=`)),
      new RegExp(`^--${name} is missing$`),
    );
  refusal([...GIVEN, '--only=role'], /^--only: "role" is none of insert-only, roles,/);
  refusal([...GIVEN, '--onyl=roles'], /--onyl/);
  refusal([...GIVEN, '--project=Acme'], /^--project must match/);
  refusal([...GIVEN, '--region=EU'], /^--region must match/);
  refusal([...GIVEN, '--patience=soon'], /^--patience must be a whole number$/);
  refusal([...GIVEN, '--rate-limit=0'], /^--rate-limit must be a whole number$/);
});

test('the API key is sent to a host over TLS, or to this machine, and nowhere else', () => {
  for (const url of [
    'http://vantio.acme.example',
    'https://vantio.acme.example/api',
    'https://me@vantio.acme.example',
    'vantio.acme.example',
    'ftp://vantio.acme.example',
  ])
    refusal([...GIVEN, `--url=${url}`], /^--url must be https:\/\/HOST/);
  const local = readOptions([...GIVEN, '--url=http://127.0.0.1:8080']);
  assert.ok(local !== 'help');
});

test('the help names every probe and every option', () => {
  assert.equal(readOptions(['--help']), 'help');
  for (const name of PROBES) assert.match(USAGE, new RegExp(`^  ${name} +\\w`, 'm'));
});
