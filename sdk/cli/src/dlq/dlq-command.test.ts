import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runVantio } from '../testing/run-vantio.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { formatAge } from './render-letter.ts';

const SUBSCRIPTION = ['--subscription', 'projects/p/subscriptions/s'];
const BOTH = [...SUBSCRIPTION, '--topic', 'projects/p/topics/t'];

test('what is typed wrong is told in one sentence, before anything is asked of Pub/Sub', async (t) => {
  const cwd = temporaryDirectory(t);
  const made = await runVantio(['keys', 'create', '--tenant', 'acme', '--out', 'a.key'], { cwd });
  assert.equal(made.status, 0);
  writeFileSync(join(cwd, 'no.key'), '\n');
  const record = [...BOTH, '--all', '--ingest-url'];
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['list'], /--subscription <path>' not specified/],
    [['list', '--subscription', 'dead'], /--subscription wants projects\/PROJECT\/subscriptions\//],
    [['list', ...SUBSCRIPTION, '--reason', 'Not This'], /--reason wants a code/],
    [['list', ...SUBSCRIPTION, '--tenant', '-'], /--tenant wants 1 to 63 characters/],
    [['list', ...SUBSCRIPTION, '--limit', '0'], /--limit wants a whole number from 1 to 10000/],
    [['list', ...SUBSCRIPTION, '--limit', 'many'], /--limit wants a whole number/],
    [['replay', ...SUBSCRIPTION], /--topic <path>' not specified/],
    [['replay', ...SUBSCRIPTION, '--topic', 't', '--all'], /--topic wants projects\/PROJECT/],
    [['replay', ...BOTH], /say which dead letters are meant/],
    [['replay', ...BOTH, '--all', '--tenant', 'acme'], /--all stands alone/],
    [['replay', ...BOTH, '--id', 'a b'], /--id wants a message id/],
    [['replay', ...record, 'http://x'], /--key-file and --ingest-url are given together/],
    [['replay', ...record, 'http://x', '--key-file', 'no.key'], /no\.key holds no API key/],
    [['replay', ...record, 'http://x', '--key-file', 'a.key'], /a\.key wants one .* plan control/],
    [['purge'], /unknown command 'purge'/],
  ];
  for (const [args, said] of cases) {
    const { status, stdout, stderr } = await runVantio(['dlq', ...args], { cwd });
    assert.equal(status, 2, args.join(' '));
    assert.match(stderr, said);
    assert.match(stderr, /^vantio: [^\n]+\n$/);
    assert.equal(stdout, '');
  }
});

test('help says what a command does to the letters, its exit codes, and shows an example', async () => {
  for (const command of ['list', 'replay']) {
    const { status, stdout } = await runVantio(['dlq', command, '--help']);
    assert.equal(status, 0);
    assert.match(stdout, /Exit codes: 0 /);
    assert.match(stdout, new RegExp(`\\$ vantio dlq ${command} --subscription`));
  }
});

test('an age is told in its largest unit, and a clock that lags makes none', () => {
  assert.deepEqual([-5000, 59_999, 60_000, 3_600_000, 200_000_000].map(formatAge), [
    'just now',
    'just now',
    '1 min ago',
    '1 h ago',
    '2 d ago',
  ]);
});
