import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRow } from '../benches/row.ts';
import { run } from './run.ts';

const BENCHES: readonly (readonly [script: string, args: readonly string[]])[] = [
  ['ingest', ['--events', '2000']],
  ['verify', []],
  ['seal', ['--entries', '2000', '--rounds', '1']],
  ['proof', ['--leaves', '100000', '--proofs', '20']],
  ['policy', ['--decisions', '2000']],
];

for (const [name, args] of BENCHES)
  test(`the benchmark ${name} still runs, on next to nothing`, async () => {
    const { status, stdout, stderr } = await run(
      process.execPath,
      ['--expose-gc', `scripts/benches/${name}.ts`, ...args],
      { ...process.env, VERIFY_RECORDS: '2000' },
    );
    assert.equal(status, 0, stderr);
    const rows = stdout.split('\n').filter((line) => readRow(line) !== undefined);
    assert.ok(rows.length > 0, stdout);
  });
