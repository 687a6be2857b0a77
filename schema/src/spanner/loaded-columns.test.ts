import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ledgerDdl } from './ledger-ddl.ts';
import { LOADED_COLUMNS } from './loaded-columns.ts';

test('files to load hold every column of a table but those that are the database’s to fill', () => {
  for (const [table, columns] of Object.entries(LOADED_COLUMNS)) {
    const [ddl = ''] =
      new RegExp(`CREATE TABLE ${table} \\([\\s\\S]*?\\n\\) PRIMARY`).exec(ledgerDdl()) ?? [];
    const lines = ddl
      .split('\n')
      .filter((line) => /^ {2}[A-Z]\w+ [A-Z0-9]+/.test(line) && !/CONSTRAINT/.test(line));
    const own = lines.filter((line) => !/ AS \(|allow_commit_timestamp/.test(line));
    assert.deepEqual(
      columns.map(({ name, type }) => `${name} ${type}`).sort(),
      own.map((line) => line.trim().replace(/^(\w+ [A-Z0-9]+).*$/, '$1')).sort(),
    );
    assert.ok(own.every((line) => line.includes('NOT NULL')));
  }
});
