import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { dueRoleStatements, roleStatements } from './due-role-statements.ts';

const file = readFileSync(new URL('../../spanner_roles.ddl', import.meta.url), 'utf8');
const all = roleStatements(file);

test('a database without roles wants all of the file', () => {
  assert.deepEqual(dueRoleStatements(file, ['CREATE TABLE T (A INT64) PRIMARY KEY (A)']), all);
});

test('a role that is there is not made again; its grants are given again', () => {
  const due = dueRoleStatements(file, ['CREATE ROLE eraser', 'CREATE ROLE other']);
  assert.deepEqual(
    all.filter((statement) => !due.includes(statement)),
    ['CREATE ROLE eraser'],
  );
  assert.ok(due.some((statement) => statement.endsWith('TO ROLE eraser')));
});

test('no role may change what the ledger holds, and the migrator sees no record', () => {
  const granted = all.filter((statement) => statement.startsWith('GRANT'));
  // What is spent and leased is no record: it is written over, by one role. Nor does a record stay where it waits for the ledger.
  const ofSpend = [
    'GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE SpendBuckets TO ROLE spend_leaser',
    'GRANT SELECT, INSERT, DELETE ON TABLE LeaseRecords TO ROLE spend_leaser',
  ];
  assert.deepEqual(
    granted.filter((right) => /SpendBuckets|LeaseRecords/.test(right)),
    ofSpend,
  );
  const rights = granted.filter((right) => !ofSpend.includes(right));
  assert.ok(rights.every((right) => !/\bUPDATE\b/.test(right)));
  assert.deepEqual(
    rights
      .filter((right) => /\bDELETE\b/.test(right))
      .map((right) => /TO ROLE (\w+)/.exec(right)?.[1]),
    ['eraser'],
  );
  assert.deepEqual(
    rights.filter((right) => right.endsWith('TO ROLE migrator')),
    ['GRANT SELECT, INSERT ON TABLE Migrations TO ROLE migrator'],
  );
});
