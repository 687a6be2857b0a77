import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { longLedger } from '../testing/long-ledger.ts';
import { runVantio } from '../testing/run-vantio.ts';
import { sampleLedger } from '../testing/sample-ledger.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';

test('verify asks no network', async (t) => {
  const directory = temporaryDirectory(t);
  const { file, keyFile } = sampleLedger(directory);
  const guard = join(directory, 'guard.cjs');
  writeFileSync(
    guard,
    `const refuse = () => { process.stderr.write('asked the network'); process.exit(99); };
     require('node:net').Socket.prototype.connect = refuse;
     require('node:dgram').createSocket = refuse;
     require('node:dns').lookup = refuse;`,
  );
  const env = { NODE_OPTIONS: `--require=${JSON.stringify(guard)}` };
  const { status, stderr } = await runVantio(['verify', file, '--key-file', keyFile], { env });
  assert.deepEqual([status, stderr], [0, '']);
  // The guard holds: what does ask is caught.
  const args = ['doctor', '--ingest-url', 'http://127.0.0.1:9'];
  assert.equal((await runVantio(args, { env })).status, 99);
});

test('verify needs no more memory for a longer ledger of as many sessions, and the log over it', async (t) => {
  const directory = temporaryDirectory(t);
  const { keyFile } = sampleLedger(directory);
  const peak = join(directory, 'peak');
  const guard = join(directory, 'peak.cjs');
  writeFileSync(
    guard,
    `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(peak)}, String(process.resourceUsage().maxRSS)));`,
  );
  // What is young may grow with the time that a run takes, and with what else wants the cores; what is kept is asked for here.
  const env = { NODE_OPTIONS: `--max-semi-space-size=2 --require=${JSON.stringify(guard)}` };
  const measure = async (records: number) => {
    const file = longLedger(join(directory, `${records}.ndjson`), records);
    sealElsewhere(file, records);
    const vkey = file.replace(/ndjson$/, 'vkey');
    // Both ledgers with as many threads: by itself, the longer one alone would have two.
    const args = ['verify', file, '--key-file', keyFile, '--vkey', vkey, '--threads', '2'];
    const ran = await runVantio(args, { env });
    assert.equal(ran.status, 0, ran.stdout);
    return { kilobytes: Number(readFileSync(peak, 'utf8')), bytes: statSync(file).size };
  };
  const [short, long] = [await measure(10_000), await measure(90_000)];
  const grown = (long.kilobytes - short.kilobytes) * 1024;
  assert.ok(grown < (long.bytes - short.bytes) / 3, `${grown} bytes more`);
});

/** Not here: Linux counts what a process held when it started another as the other's. */
function sealElsewhere(file: string, size: number): void {
  const helper = new URL('../testing/seal-ledger.js', import.meta.url).href;
  const program = `import { sealLedger } from ${JSON.stringify(helper)}; await sealLedger(process.argv[1], { sizes: [${size}] });`;
  execFileSync(process.execPath, ['--input-type=module', '-e', program, file]);
}
