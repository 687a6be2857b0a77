import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnName, QUERIED_FIELDS } from './ledger-columns.ts';
import { ledgerDdl } from './ledger-ddl.ts';
import { readMigrations } from './migrations.ts';

const ddl = ledgerDdl();
const [ledger = ''] = /CREATE TABLE TrueTimeLedger[\s\S]*?\n\) PRIMARY KEY[^;]*;/.exec(ddl) ?? [];

test('every queried field is a stored column over the record, with its alphabet in a CHECK', () => {
  for (const field of QUERIED_FIELDS) {
    const name = columnName(field);
    assert.match(ledger, new RegExp(`^  ${name} .*'\\$\\.${field}'.*STORED,$`, 'm'));
    if (!['OccurredAt', 'FirstAt', 'LastAt', 'Redactions'].includes(name))
      assert.match(ledger, new RegExp(`AND (REGEXP_CONTAINS\\(${name},|${name} (IN|BETWEEN))`));
  }
});

test('nothing deletes from the ledger by itself', () => {
  assert.doesNotMatch(ddl, /ROW DELETION POLICY|ON DELETE CASCADE/i);
});

test('migrations are numbered from 1, without a gap', () => {
  const migrations = readMigrations(ddl);
  assert.deepEqual(
    migrations.map(({ number }) => number),
    migrations.map((_, index) => index + 1),
  );
  assert.throws(() => readMigrations(ddl.replace('-- migration 1:', '-- migration 2:')), /1/);
});

test('a comment is no statement, and a semicolon in a string ends none', () => {
  const [first] = readMigrations(
    "-- migration 1: x\n-- a; b\nCREATE TABLE T (A STRING(1) DEFAULT (';')) PRIMARY KEY (A);\nCREATE INDEX I ON T (A);\n",
  );
  assert.deepEqual(first?.statements, [
    "CREATE TABLE T (A STRING(1) DEFAULT (';')) PRIMARY KEY (A)",
    'CREATE INDEX I ON T (A)',
  ]);
});
