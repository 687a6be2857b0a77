import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type RunOptions, runVantio } from '../testing/run-vantio.ts';
import { API_KEY } from '../testing/sample-ledger.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';

const run = (options: RunOptions, ...args: string[]) =>
  runVantio(['run', ...args, '--', process.execPath, '-e', 'process.exit(4)'], options);

const SILENT: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
  ['no key', {}, /VANTIO_API_KEY is not set; name a key/],
  ['what is no key', { VANTIO_API_KEY: 'vk1.secret' }, /VANTIO_API_KEY is not an API key/],
  ['a relative URL', { VANTIO_INGEST_URL: 'localhost' }, /VANTIO_INGEST_URL is not an http/],
  ['another scheme', { VANTIO_INGEST_URL: 'ftp://x/' }, /VANTIO_INGEST_URL is not an http/],
  ['a mode that is none', { SOVEREIGN_MODE: 'both' }, /SOVEREIGN_MODE is neither local nor cloud/],
  ['the cloud without an address', { SOVEREIGN_MODE: 'cloud' }, /needs VANTIO_INGEST_URL/],
  ['a folder that is none', { VANTIO_OUTPUT_FILE: '/none/l.ndjson' }, /folder of the output file/],
];

for (const [what, given, said] of SILENT)
  test(`run says that nothing is recorded with ${what}, and runs the program`, async () => {
    const key = what.includes('key') ? {} : { VANTIO_API_KEY: API_KEY };
    const env = { ...key, ...given };
    const { status, stderr } = await run({ env }, '--quiet');
    assert.equal(status, 4);
    assert.match(stderr, /^vantio: nothing is recorded: .*\n$/);
    assert.match(stderr, said);
    assert.doesNotMatch(stderr, /vk1\.secret/);
    const asJson = JSON.parse((await run({ env }, '--json')).stderr);
    assert.match(asJson.unrecorded, said);
  });

test('run says nothing of the kind when something is recorded', async (t) => {
  const cwd = temporaryDirectory(t);
  const env = { VANTIO_API_KEY: API_KEY };
  const { stderr } = await run({ cwd, env }, '--output-file', 'l.ndjson');
  assert.match(stderr, /^vantio: trace [0-9a-f]{32}\n$/);
});

test('--output-file is refused where no ledger can be or be found, before the program runs', async (t) => {
  const cwd = temporaryDirectory(t);
  writeFileSync(join(cwd, 'agent.key'), API_KEY);
  for (const [file, said] of [
    ['l.txt', /wants a name that ends in \.ndjson/],
    ['none/l.ndjson', /none cannot be written in: make the folder of --output-file/],
  ] as const) {
    const { status, stderr } = await run({ cwd }, '--key-file', 'agent.key', '--output-file', file);
    assert.equal(status, 2, stderr);
    assert.match(stderr, said);
  }
  assert.deepEqual(readdirSync(cwd), ['agent.key']);
  assert.ok(!existsSync(join(cwd, 'none')));
});
