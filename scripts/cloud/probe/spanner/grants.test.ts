import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readMigrations } from '@vantio/schema/spanner/migrations';
import { readGrants } from './grants.ts';
import { tablesOf } from './tables.ts';

const SCHEMA = new URL('../../../../schema/', import.meta.url);
const { roles, may } = readGrants(readFileSync(new URL('spanner_roles.ddl', SCHEMA), 'utf8'));

test('the roles of schema/spanner_roles.ddl have what stands there, and nothing else', () => {
  assert.deepEqual(roles, [
    'ledger_writer',
    'importer',
    'eraser',
    'ledger_sealer',
    'key_recorder',
    'log_reader',
    'spend_leaser',
    'policy_publisher',
    'quota_reader',
    'console_reader',
    'compliance_reader',
    'migrator',
  ]);
  assert.ok(may('ledger_writer', 'Disclosures', { privilege: 'INSERT' }));
  assert.ok(
    !may('ledger_writer', 'TrueTimeLedger', { privilege: 'SELECT', columns: ['TenantId'] }),
  );
  assert.ok(!may('ledger_writer', 'Policies', { privilege: 'INSERT' }));
  assert.ok(!may('spend_leaser', 'Policies', { privilege: 'INSERT' }));
  assert.ok(may('spend_leaser', 'SpendBuckets', { privilege: 'UPDATE' }));
  assert.ok(may('policy_publisher', 'Policies', { privilege: 'INSERT' }));
  assert.ok(!may('policy_publisher', 'Policies', { privilege: 'UPDATE' }));
  assert.ok(may('eraser', 'Disclosures', { privilege: 'SELECT', columns: ['TenantId', 'Field'] }));
  assert.ok(!may('eraser', 'Disclosures', { privilege: 'SELECT', columns: ['TenantId', 'Value'] }));
  assert.ok(!may('eraser', 'Disclosures', { privilege: 'SELECT' }));
  assert.ok(may('eraser', 'Disclosures', { privilege: 'DELETE' }));
  assert.ok(may('ledger_sealer', 'Checkpoints', { privilege: 'INSERT' }));
  assert.ok(may('ledger_sealer', 'Leaves', { privilege: 'INSERT' }));
  assert.ok(!may('ledger_sealer', 'Leaves', { privilege: 'UPDATE' }));
  assert.ok(may('key_recorder', 'SignerRecords', { privilege: 'INSERT' }));
  assert.ok(!may('ledger_sealer', 'TrueTimeLedger', { privilege: 'INSERT' }));
  assert.ok(!may('log_reader', 'Leaves', { privilege: 'INSERT' }));
  assert.ok(!may('log_reader', 'Disclosures', { privilege: 'SELECT', columns: ['Value'] }));
});

test('a statement that is not understood is refused: what it gives would be called forbidden', () => {
  for (const statement of [
    'GRANT SELECT ON CHANGE STREAM LedgerExports TO ROLE ledger_sealer',
    'GRANT ROLE eraser TO ROLE ledger_writer',
    'GRANT SELECT, TRUNCATE ON TABLE Policies TO ROLE spend_leaser',
    'REVOKE INSERT ON TABLE Policies FROM ROLE spend_leaser',
  ])
    assert.throws(() => readGrants(`CREATE ROLE spend_leaser;\n${statement};\n`), /not understood/);
});

test('every table of schema/spanner_ledger.ddl is probed', () => {
  const ddl = readFileSync(new URL('spanner_ledger.ddl', SCHEMA), 'utf8');
  const made = readMigrations(ddl)
    .flatMap(({ statements }) => statements)
    .flatMap((statement) => /^CREATE TABLE (\w+)/.exec(statement)?.[1] ?? []);
  const row = { TenantId: '', TraceId: '', EventId: '', RecordHash: '', Record: '' };
  const probed = tablesOf({ ...row, RecordMac: '', ReceivedAt: '' }).map(({ name }) => name);
  assert.deepEqual(probed, made);
});
