import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { policyFile } from './enforce/testing/run-enforced.ts';
import { startIngest } from './testing/ingest.ts';
import { newApiKey } from './testing/keys.ts';
import { runAgent, scratch } from './testing/run-agent.ts';
import { sdk } from './testing/sdk.ts';

const require = createRequire(import.meta.url);
const ROOM = fileURLToPath(new URL('../', import.meta.url));
const manifest = JSON.parse(readFileSync(join(ROOM, 'package.json'), 'utf8'));
const MAX_LOADED = 150_000;
/** With what is loaded only where a policy is enforced, a client of MCP guarded or a door imported. */
const MAX_INSTALLED = 950_000;
/** Loaded where they are imported. */
const DOORS = Object.keys(manifest.exports)
  .map((door) => door.slice(2))
  .filter((door) => door !== '' && !/^(register|package\.json)$/.test(door));
/** A door in CommonJS, ESM and its types twice. */
const MAX_DOOR = 16_000;

test('the package has no runtime dependency', () => {
  for (const kind of ['dependencies', 'peerDependencies', 'optionalDependencies'])
    assert.equal(manifest[kind], undefined);
});

const sizeOf = (names: readonly string[]): number =>
  names.reduce((sum, name) => sum + statSync(join(ROOM, name)).size, 0);

/** Names of the files that a process has loaded from the package, once a call of it was recorded. */
async function loadedBy(env: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const folder = join(ROOM, 'dist/');
  const code = `
    const { shield, flush } = require('@vantio/agent-sdk');
    shield(async () => {})().then(flush).then(() => console.log(Object.keys(require.cache).join()));`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--require', join(folder, 'register.cjs'), '-e', code],
    {
      cwd: ROOM,
      env: {
        VANTIO_API_KEY: newApiKey(),
        VANTIO_OUTPUT_FILE: join(scratch(), 'ledger.ndjson'),
        ...env,
      },
    },
  );
  const all = stdout.trim().split(',');
  return all.filter((path) => path.startsWith(folder)).map((path) => path.slice(folder.length));
}

test('an observing process loads less than 150 kB, and one under a policy what it needs beside', async () => {
  const observing = await loadedBy({});
  assert.deepEqual(observing.toSorted(), ['core.cjs', 'index.cjs', 'register.cjs']);
  const bytes = sizeOf(observing.map((name) => `dist/${name}`));
  assert.ok(bytes < MAX_LOADED, `${bytes} bytes`);
  const enforcing = await loadedBy({ VANTIO_POLICY_FILE: policyFile({ v: 1, version: 1 }) });
  assert.deepEqual(enforcing.filter((name) => !observing.includes(name)).toSorted(), [
    'enforce.cjs',
    'mcp.cjs',
    'policy.cjs',
  ]);
});

test('what is installed stays below 950 kB', () => {
  const installed = sizeOf([
    ...readdirSync(join(ROOM, 'dist')).map((name) => `dist/${name}`),
    'package.json',
    'README.md',
    'OBSERVED.md',
    'COVERAGE.md',
    'FRAMEWORKS.md',
  ]);
  assert.ok(installed < MAX_INSTALLED, `${installed} bytes`);
});

test('each further door is small', () => {
  assert.ok(DOORS.length > 0);
  for (const door of DOORS) {
    const files = readdirSync(join(ROOM, 'dist')).filter((name) => name.split('.')[0] === door);
    assert.equal(files.length, 4, door);
    const bytes = files.reduce((sum, name) => sum + statSync(join(ROOM, 'dist', name)).size, 0);
    assert.ok(bytes < MAX_DOOR, `${door}: ${bytes} bytes`);
  }
});

test('every door of the package leads to a file that is there', () => {
  const leaves = (node: unknown): readonly string[] =>
    typeof node === 'string' ? [node] : Object.values(node as object).flatMap(leaves);
  for (const path of leaves(manifest.exports)) assert.ok(statSync(join(ROOM, path)).isFile(), path);
});

for (const door of ['index', ...DOORS])
  test(`the door ${door} shows what its types declare, and nothing else`, async () => {
    const shown = door === 'index' ? sdk : await import(`@vantio/agent-sdk/${door}`);
    const types = readFileSync(join(ROOM, `types/${door}.d.ts`), 'utf8');
    const declared = new Set(
      [...types.matchAll(/^export (?:declare )?(?:function|class) (\w+)/gm)].map(
        ([, name]) => name,
      ),
    );
    assert.deepEqual(new Set(Object.keys(shown)), declared);
    const required = require(door === 'index' ? '@vantio/agent-sdk' : `@vantio/agent-sdk/${door}`);
    for (const name of declared)
      assert.equal(required[name ?? ''], (shown as Record<string, unknown>)[name ?? ''], name);
  });

test('import, require and a second install are one library with one session', async () => {
  const ingest = await startIngest();
  const ran = await runAgent('one-instance.mjs', {
    env: { VANTIO_API_KEY: newApiKey(), VANTIO_INGEST_URL: ingest.url },
  });
  await ingest.close();
  assert.equal(ran.code, 0, ran.stderr);
  const seen: readonly string[] = JSON.parse(ran.stdout);
  assert.equal(seen.length, 4);
  assert.equal(new Set(seen).size, 1);
  assert.equal(new Set(ingest.records().map(({ session_id }) => session_id)).size, 1);
});

for (const flag of ['--require', '--import'])
  test(`${flag} loads the library before a program that knows nothing of it`, async () => {
    const ingest = await startIngest();
    const target = await startIngest(() => ({ status: 200 }));
    const file = flag === '--require' ? 'register.cjs' : 'register.mjs';
    const code = `await fetch(${JSON.stringify(target.url)})`;
    const args = [flag, join(ROOM, 'dist', file), '--input-type=module', '-e', code];
    await promisify(execFile)(process.execPath, args, {
      env: { VANTIO_API_KEY: newApiKey(), VANTIO_INGEST_URL: ingest.url },
    });
    await Promise.all([ingest.close(), target.close()]);
    const requests = ingest.records().filter(({ event_type }) => event_type === 'http_request');
    assert.equal(requests.length, 1);
  });
