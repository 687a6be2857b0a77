import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { openDatabase } from '@vantio/functions/cloud';
import { createLedgerDatabase } from '@vantio/functions/cloud/mirror';
import { readMigrations } from '@vantio/schema/spanner/migrations';

const skip =
  process.env.SPANNER_EMULATOR_HOST === undefined &&
  'no emulators on this machine; see the line above';
const ddl = readFileSync('schema/spanner_ledger.ddl', 'utf8');
const run = (...args: readonly string[]) =>
  spawnSync(process.execPath, ['scripts/cloud/migrate.ts', ...args], { encoding: 'utf8' });

test('scripts/migrate applies what is due, and stops at a migration that was edited', {
  skip,
}, async () => {
  const path = await createLedgerDatabase('vantio-local', '');
  const numbers = readMigrations(ddl).map(({ number }) => number);
  const said = numbers.map((number) => `migration ${number} is applied\n`).join('');
  assert.equal(run(path).stdout, said);
  assert.equal(run(path).stdout, 'no migration is due\n');
  const other = await createLedgerDatabase('vantio-local', ddl.replace('Seq)', 'Seq DESC)'));
  const { status, stderr } = run(other);
  assert.equal(status, 1);
  assert.match(stderr, /^migration 1 is not the one this database has/);
  const database = await openDatabase({ path, role: undefined, concurrency: 1 });
  const [rows] = await database.run({
    sql: 'SELECT COUNT(*) AS Total FROM Migrations',
    json: true,
  });
  assert.equal((rows[0] as unknown as { Total: number }).Total, numbers.length);
  await database.close();
});

test('scripts/migrate wants a database', () => {
  for (const args of [[], ['vantio'], ['projects/p/instances/i/databases/d', 'more']])
    assert.equal(run(...args).status, 64);
});
