import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { policyFile } from '../enforce/testing/run-enforced.ts';
import { startIngest } from '../testing/ingest.ts';
import { newApiKey } from '../testing/keys.ts';
import { readLedger } from '../testing/ledger.ts';
import { scratch } from '../testing/run-agent.ts';

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));
const HOST = "setImmediate(() => console.log('host ran'))";
const TOLD = /^vantio: the library could not be loaded \(\w+\)\n$/;

const PRELOADS = [
  ['--require', 'register.cjs'],
  ['--import', 'register.mjs'],
] as const;

/** Runs a host under NODE_OPTIONS that preload a copy of the library, in which something was broken. */
async function runHost(
  [flag, file]: (typeof PRELOADS)[number],
  breakCopy: (copy: string) => void,
  env: Readonly<Record<string, string>> = {},
) {
  const copy = scratch();
  cpSync(DIST, copy, { recursive: true });
  breakCopy(copy);
  const path = join(copy, file);
  const specifier = flag === '--import' ? pathToFileURL(path).href : path;
  return promisify(execFile)(process.execPath, ['-e', HOST], {
    env: { NODE_OPTIONS: `${flag}=${specifier}`, ...env },
  });
}

const FAULTS: readonly (readonly [string, (copy: string) => void, Record<string, string>?])[] = [
  ['core.cjs is gone', (copy) => rmSync(join(copy, 'core.cjs'))],
  ['index.cjs is gone', (copy) => rmSync(join(copy, 'index.cjs'))],
  [
    'core.cjs is half written',
    (copy) => writeFileSync(join(copy, 'core.cjs'), 'module.exports = {'),
  ],
  ['core.cjs throws', (copy) => writeFileSync(join(copy, 'core.cjs'), 'throw undefined')],
  [
    'trace-children.cjs is gone',
    (copy) => rmSync(join(copy, 'trace-children.cjs')),
    { VANTIO_TRACE_CHILDREN: '1' },
  ],
];

for (const preload of PRELOADS)
  for (const [what, breakCopy, env] of FAULTS)
    test(`${preload[0]}: a host runs although ${what}, and only VANTIO_DEBUG tells`, async () => {
      const quiet = await runHost(preload, breakCopy, env);
      assert.deepEqual(quiet, { stdout: 'host ran\n', stderr: '' });
      const told = await runHost(preload, breakCopy, { ...env, VANTIO_DEBUG: '1' });
      assert.equal(told.stdout, 'host ran\n');
      assert.match(told.stderr, TOLD);
    });

test('--import: a host runs although register.cjs is gone', async () => {
  const gone = (copy: string): void => rmSync(join(copy, 'register.cjs'));
  assert.deepEqual(await runHost(PRELOADS[1], gone), { stdout: 'host ran\n', stderr: '' });
  assert.match((await runHost(PRELOADS[1], gone, { VANTIO_DEBUG: '1' })).stderr, TOLD);
});

for (const preload of PRELOADS)
  test(`${preload[0]}: a preload file that is gone is refused by Node itself, before any of its files run`, async () => {
    const gone = (copy: string): void => rmSync(join(copy, preload[1]));
    await assert.rejects(runHost(preload, gone), /Cannot find module|ERR_MODULE_NOT_FOUND/);
  });

for (const [what, breakFile] of [
  ['is gone', (file: string) => rmSync(file)],
  ['is half written', (file: string) => writeFileSync(file, 'module.exports = {')],
  ['throws', (file: string) => writeFileSync(file, 'throw undefined')],
] as const)
  for (const preload of PRELOADS)
    test(`${preload[0]}: a host under a policy runs although enforce.cjs ${what}, and its records say so`, async () => {
      const folder = scratch();
      const env = {
        VANTIO_API_KEY: newApiKey(),
        VANTIO_OUTPUT_FILE: join(folder, 'ledger.ndjson'),
        VANTIO_POLICY_FILE: policyFile({ v: 1, version: 1, blocked_hosts: ['blocked.example'] }),
      };
      const gone = (copy: string): void => breakFile(join(copy, 'enforce.cjs'));
      assert.deepEqual(await runHost(preload, gone, env), { stdout: 'host ran\n', stderr: '' });
      const states = readLedger(folder).filter(({ event_type }) => event_type === 'policy_state');
      assert.deepEqual(
        states.map(({ action_taken, reason_code }) => [action_taken, reason_code]),
        [['POLICY_UNAVAILABLE', 'error']],
      );
    });

test('a host that is running goes on, and is recorded, when the files vanish under it', async () => {
  const ingest = await startIngest();
  const copy = scratch();
  cpSync(DIST, copy, { recursive: true });
  const host = `
    require('node:fs').rmSync(process.env.COPY, { recursive: true });
    const { shield, flush } = globalThis[Symbol.for('vantio.context.1')];
    shield(async () => {})().then(flush).then(() => console.log('host ran'));`;
  const ran = await promisify(execFile)(process.execPath, ['-e', host], {
    env: {
      NODE_OPTIONS: `--require=${join(copy, 'register.cjs')}`,
      COPY: copy,
      VANTIO_API_KEY: newApiKey(),
      VANTIO_INGEST_URL: ingest.url,
    },
  });
  await ingest.close();
  assert.deepEqual(ran, { stdout: 'host ran\n', stderr: '' });
  assert.ok(ingest.records().some(({ event_type }) => event_type === 'shield_end'));
});
