import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  createLedger,
  skip as noEmulators,
} from '../../../functions/dist/cloud/testing/emulated.js';
import { vantio } from '../../e2e/run.ts';
import { keysOf, makeLocalLedger } from './local-ledger.ts';
import { missingReaders, type ReadBack, readBack } from './readers.ts';

const skip = noEmulators || ((await missingReaders()) ?? false);
const COMMITTED: Readonly<Record<string, string>> = {
  TrueTimeLedger: 'CommitTimestamp',
  Disclosures: 'CommitTimestamp',
  ImportedLines: 'ImportedAt',
};
const TABLES = Object.keys(COMMITTED);

type Client = Awaited<ReturnType<typeof createLedger>>['database'];

/** As the templates do it: a mutation a row, of the columns that the manifest names; and the default of the DDL. */
async function load(client: Client, tables: ReadBack): Promise<void> {
  for (const [table, { columns, rows }] of Object.entries(tables)) {
    const mutations = rows.map((row) => ({
      ...Object.fromEntries(columns.map(([name], at) => [name, String(row[at])])),
      [COMMITTED[table] ?? '']: 'spanner.commit_timestamp()',
    }));
    for (let from = 0; from < mutations.length; from += 200)
      await client.table(table).insert(mutations.slice(from, from + 200));
  }
}

/** Everything in a table, generated columns too, but when it was committed. */
async function contents(client: Client, table: string): Promise<readonly string[]> {
  const sql = `SELECT * EXCEPT (${COMMITTED[table]}) FROM ${table}`;
  const [rows] = await client.run({ sql, json: true });
  return rows.map((row) => JSON.stringify(row)).sort();
}

for (const format of ['csv', 'avro'] as const)
  test(`what others read in the ${format} files makes the database that vantio import makes`, {
    skip,
  }, async (t) => {
    const ledger = await makeLocalLedger(t);
    const [direct, loaded] = [await createLedger(), await createLedger()];
    t.after(async () => {
      await direct.database.close();
      await loaded.database.close();
    });
    const args = [ledger.file, ...keysOf(ledger), '--accept', 'conflict'];
    const imported = await vantio('import', '--database', direct.path, ...args);
    assert.equal(imported.status, 0, imported.stderr);
    const out = join(ledger.directory, format);
    const uri = format === 'csv' ? ['--uri', 'gs://bucket/load/'] : [];
    const converted = await vantio('convert', '--to', format, '--out', out, ...uri, ...args);
    assert.equal(converted.status, 0, converted.stderr);
    const tables = await readBack(format, out);
    assert.deepEqual(Object.keys(tables).sort(), [...TABLES].sort());
    await load(loaded.database, tables);
    for (const table of TABLES) {
      const rows = await contents(direct.database, table);
      assert.ok(rows.length > 30, `${table} holds ${rows.length} rows`);
      assert.deepEqual(await contents(loaded.database, table), rows);
    }
    // Afterwards `vantio import` finds all of it, and says so.
    const after = await vantio('import', '--database', loaded.path, '--json', ...args);
    const { lines, already } = JSON.parse(after.stdout);
    assert.equal(already, lines);
  });

test('files to load are for nobody else, and name no column that the database fills', {
  skip,
}, async (t) => {
  const ledger = await makeLocalLedger(t, 4);
  const out = join(ledger.directory, 'out');
  const convert = (...more: readonly string[]) =>
    vantio('convert', ledger.file, ...keysOf(ledger), '--out', out, ...more);
  const made = await convert(
    '--to',
    'csv',
    '--uri',
    'gs://bucket',
    '--accept',
    'conflict',
    '--json',
  );
  assert.equal(made.status, 0, made.stderr);
  const manifest = readFileSync(join(out, 'spanner-manifest.json'), 'utf8');
  assert.doesNotMatch(manifest, /CommitTimestamp|ImportedAt|CommitShard|EventType/);
  assert.match(manifest, /"gs:\/\/bucket\/TrueTimeLedger\.csv"/);
  assert.equal((await convert('--to', 'avro', '--accept', 'conflict')).status, 2);
  assert.deepEqual(readdirSync(out).length, JSON.parse(made.stdout).files.length + 1);

  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [['--to', 'csv'], /--to csv wants --uri gs:\/\/BUCKET\/FOLDER/],
    [['--to', 'csv', '--uri', '/tmp'], /--to csv wants --uri/],
    [['--to', 'avro', '--uri', 'gs://b'], /--uri is for --to csv/],
    [['--to', 'orc'], /'orc' is invalid\. Allowed choices are csv, avro/],
    [['--to', 'avro'], /:2: conflict: .*nothing was done/],
    [['--to', 'avro', '--accept', 'conflict'], /out is not empty/],
    [
      ['--to', 'avro', '--accept', 'conflict', '--out', ledger.acme],
      /acme\.key cannot be written \(E/,
    ],
  ];
  for (const [more, words] of wrong) {
    const { status, stderr } = await convert(...more);
    assert.ok(status === 2 || status === 1);
    assert.match(stderr, words);
  }
});

test('a file that is changed while it is read is not converted, and nothing of it is left', {
  skip,
}, async (t) => {
  const { readEntries } = await import('../../../sdk/cli/dist/import/read-entries.js');
  const { requireSound } = await import('../../../sdk/cli/dist/import/require-sound.js');
  const { ledgerFamily } = await import('../../../sdk/cli/dist/ledger/ledger-family.js');
  const { readKeyFiles } = await import('../../../sdk/cli/dist/ledger/read-key-files.js');
  const ledger = await makeLocalLedger(t, 4);
  const [, [second = ''] = []] = ledger.chains;
  const files = ledgerFamily(second);
  const keys = readKeyFiles([ledger.acme, ledger.globex, ledger.control]);
  const sound = requireSound(files, keys, new Set(['gap', 'disclosure'] as const));
  const text = readFileSync(second, 'utf8');
  const all = [...readEntries(files, keys, sound)];
  assert.equal(all.length, text.split('\n').length - 1);
  // What came after it was verified is left for the next time.
  writeFileSync(second, `${text}not a line\n`);
  assert.equal([...readEntries(files, keys, sound)].length, all.length);
  for (const changed of [
    text.replace('"received_at":"2', '"received_at":"3'),
    text.split('\n').slice(1).join('\n'),
    text.split('\n').slice(0, -3).join('\n'),
    `${text.slice(0, 40)}\n${text}`,
  ]) {
    writeFileSync(second, changed);
    assert.throws(
      () => [...readEntries(files, keys, sound)],
      /is not what was verified a moment ago/,
    );
  }
});
