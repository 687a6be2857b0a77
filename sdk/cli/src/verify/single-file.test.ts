import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { LONG_EPOCH, longLedger } from '../testing/long-ledger.ts';
import { NODE_VERSIONS } from '../testing/node-versions.ts';
import { cleanEnvironment, type Ran, runVantio } from '../testing/run-vantio.ts';
import { sampleLedger, writeDisclosures } from '../testing/sample-ledger.ts';
import { sealLedger, WITNESS_VKEY } from '../testing/seal-ledger.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';

const BUNDLE = fileURLToPath(new URL('../../dist/vantio-verify.mjs', import.meta.url));

const run = (node: string, args: readonly string[], cwd: string): Promise<Ran> =>
  new Promise((resolve) => {
    execFile(node, [...args], { cwd, env: cleanEnvironment() }, (error, stdout, stderr) => {
      const status = error === null ? 0 : Number(error.code);
      resolve({ status, signal: null, stdout, stderr });
    });
  });

for (const { major, path: node } of NODE_VERSIONS)
  test(`vantio-verify.mjs alone says on Node ${major} what vantio verify says`, {
    skip: node === undefined && `no Node ${major} here: VANTIO_NODE${major} names none`,
  }, async (t) => {
    const directory = temporaryDirectory(t);
    const bundle = join(directory, 'vantio-verify.mjs');
    copyFileSync(BUNDLE, bundle);
    for (let at = directory; at !== dirname(at); at = dirname(at))
      assert.ok(!existsSync(join(at, 'node_modules')), 'packages would be found');

    const small = sampleLedger(directory, 'small.ndjson');
    writeDisclosures(small.file, ['{}']);
    const long = longLedger(join(directory, 'long.ndjson'), 300);
    const { vkey } = await sealLedger(long, { sizes: [5, 290], cosigned: { 290: LONG_EPOCH + 9 } });
    const broken = longLedger(join(directory, 'broken.ndjson'), 10);
    const { put } = await sealLedger(broken, { sizes: [10] });
    put('tile/0/000.p/10', Buffer.alloc(320));
    const receipts = join(directory, 'receipts.ndjson');
    writeFileSync(receipts, '{"receipt":{},"signature":""}\n');
    const keys = ['--key-file', small.keyFile];
    for (const args of [
      [small.file, ...keys],
      [small.file, ...keys, '--json'],
      [long, ...keys, '--vkey', vkey, '--witness', WITNESS_VKEY, '--json'],
      [long, ...keys, '--vkey', vkey, '--witness', WITNESS_VKEY, '--threads', '2', '--json'],
      [long, '--vkey', vkey, '--receipts', receipts],
      [broken, ...keys],
      [small.file, '--vkey', 'x'],
      [join(directory, 'none.ndjson')],
      ['--json'],
    ]) {
      const whole = await runVantio(['verify', ...args]);
      const alone = await run(node ?? '', [bundle, ...args], directory);
      const known = whole.stderr.replace('vantio verify --help', 'vantio-verify --help');
      assert.deepEqual([alone.status, alone.stderr], [whole.status, known], args.join(' '));
      assert.equal(alone.stdout, whole.stdout, args.join(' '));
    }
    const page = join(directory, 'report.html');
    assert.equal((await run(node ?? '', [bundle, long, '--html', page], directory)).status, 0);
    assert.ok(existsSync(page));
  });
