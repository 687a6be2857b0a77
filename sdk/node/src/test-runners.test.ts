import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { assertWholeChains, ofType } from './testing/chain.ts';
import { startIngest } from './testing/ingest.ts';
import { newApiKey } from './testing/keys.ts';

const ROOM = fileURLToPath(new URL('../test-runners/', import.meta.url));
const run = promisify(execFile);
const bin = (name: string): string => join(ROOM, 'node_modules', name);

const RUNNERS: readonly (readonly [string, readonly string[]])[] = [
  ['Jest', [bin('jest/bin/jest.js'), '--config', 'jest.config.json', '--runInBand']],
  [
    'Jest with workers',
    [bin('jest/bin/jest.js'), '--config', 'jest.config.json', '--maxWorkers=2'],
  ],
  ['Vitest in forks', [bin('vitest/vitest.mjs'), 'run', '--dir', 'vitest', '--pool=forks']],
  ['Vitest in threads', [bin('vitest/vitest.mjs'), 'run', '--dir', 'vitest', '--pool=threads']],
  [
    'Vitest in vm contexts',
    [bin('vitest/vitest.mjs'), 'run', '--dir', 'vitest', '--pool=vmThreads'],
  ],
];

let missing: string | undefined;

before(async () => {
  if (existsSync(bin('vitest')) && existsSync(bin('jest'))) return;
  try {
    await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: ROOM });
  } catch {
    missing = 'Jest and Vitest could not be installed from the package registry';
  }
});

for (const [name, args] of RUNNERS)
  test(`the library works under ${name}, with fake timers on`, async (t) => {
    if (missing) {
      t.skip(missing);
      return;
    }
    const ingest = await startIngest();
    const target = await startIngest(() => ({ status: 200 }));
    await run(process.execPath, args, {
      cwd: ROOM,
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        CI: 'true',
        VANTIO_API_KEY: newApiKey(),
        VANTIO_INGEST_URL: ingest.url,
        TARGET: target.url,
      },
    });
    await Promise.all([ingest.close(), target.close()]);
    const records = ingest.records();
    assert.deepEqual(ingest.faults, []);
    assertWholeChains(records);
    const shields = ofType(records, 'shield_end');
    const traced = ofType(records, 'http_request').filter(({ trace_id }) => trace_id !== undefined);
    assert.equal(shields.length, 2);
    assert.deepEqual(
      new Set(traced.map(({ trace_id }) => trace_id)),
      new Set(shields.map(({ trace_id }) => trace_id)),
    );
    assert.equal(traced.length, 2, 'each request once, although each test file loads the library');
  });
