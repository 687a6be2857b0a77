import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { recordHash } from '@vantio/schema';
import { runVantio } from '../../testing/run-vantio.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { readBack, skip } from '../testing/read-back.ts';
import { soundSource } from '../testing/sound-source.ts';
import { wideLedger } from '../testing/wide-ledger.ts';
import { writeParquet } from './write-parquet.ts';

type Read = {
  readonly columns: readonly (readonly [string, string])[];
  readonly rows: readonly Readonly<Record<string, string>>[];
};

const LINE = [
  'record_hash',
  'record_mac',
  'received_at',
  'received_mac',
  'chain_id',
  'line_number',
  'record',
];
/** As DuckDB writes an instant as text. */
const instantOf = (text: string): string =>
  text
    .replace('T', ' ')
    .replace(/\.?0*Z$/, '')
    .concat('+00');

test('DuckDB reads every field of every record in the Parquet files, of the type that it is', {
  skip,
}, async (t) => {
  const directory = temporaryDirectory(t);
  const { args, sealed } = wideLedger(directory);
  const out = join(directory, 'out');
  const { status, stdout, stderr } = await runVantio([
    'convert',
    ...args,
    '--to',
    'parquet',
    '--out',
    out,
  ]);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /records-000001\.parquet {2}[0-9]+ rows/);
  const { columns, rows } = await readBack<Read>('read_parquet.py', join(out, '*.parquet'));
  const types = new Map(columns);
  assert.equal(types.get('redactions'), 'JSON');
  for (const name of ['received_at', 'occurred_at', 'first_at', 'last_at', 'expires_at'])
    assert.equal(types.get(name), 'TIMESTAMP WITH TIME ZONE');
  assert.equal(rows.length, sealed.length);
  for (const [at, { record, canonical, mac }] of sealed.entries()) {
    const row = rows[at] ?? {};
    assert.equal(row.record, canonical);
    assert.equal(row.record_hash, recordHash(canonical));
    assert.equal(row.record_mac, mac);
    assert.equal(row.line_number, String(at + 1));
    const fields = Object.entries(row).filter(([name]) => !LINE.includes(name));
    assert.deepEqual(fields.map(([name]) => name).sort(), Object.keys(record).sort());
    for (const [name, text] of fields) {
      const value = (record as unknown as Readonly<Record<string, unknown>>)[name];
      const type = types.get(name);
      if (type === 'TIMESTAMP WITH TIME ZONE') assert.equal(text, instantOf(String(value)));
      else if (type === 'JSON') assert.deepEqual(JSON.parse(text), value);
      else assert.equal(text, String(value), name);
      assert.equal(type === 'BIGINT', typeof value === 'number', name);
      assert.equal(type === 'BOOLEAN', typeof value === 'boolean', name);
    }
  }
});

test('a large ledger becomes several files of several groups, in its order', {
  skip,
}, async (t) => {
  const directory = temporaryDirectory(t);
  const ledger = wideLedger(directory);
  const made = await writeParquet(directory, soundSource(ledger.args).records(), {
    groupRows: 7,
    fileRows: 50,
  });
  const names = readdirSync(directory).filter((name) => name.endsWith('.parquet'));
  assert.equal(names.length, Math.ceil(ledger.sealed.length / 50));
  assert.equal(made.lines.length, names.length);
  const { rows } = await readBack<Read>('read_parquet.py', join(directory, '*.parquet'));
  assert.deepEqual(
    rows.map(({ record }) => record),
    ledger.sealed.map(({ canonical }) => canonical),
  );
});
