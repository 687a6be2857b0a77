import * as assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { CONFIG, FULL } from '../testing/config.ts';
import { type Program, runProgram } from '../testing/run-program.ts';
import { ledgerStatements } from './ddl.ts';

describe('the ledger', () => {
  let dev: Program;
  let prod: Program;
  before(async () => {
    dev = await runProgram(CONFIG);
    prod = await runProgram(FULL);
  });
  const database = (program: Program) => program.one('spanner/database:Database', 'database');
  const instance = (program: Program) => program.one('spanner/instance:Instance', 'instance');
  const roles = (program: Program, account: string) =>
    program
      .all('spanner/databaseIAMMember:DatabaseIAMMember')
      .filter(({ inputs }) => inputs.member.startsWith(`serviceAccount:vantio-${account}@`))
      .map(({ inputs }) => [inputs.role, inputs.condition?.title])
      .sort();

  it('begins with every statement of the two files, tables before roles', () => {
    const { ddls } = database(dev).inputs;
    assert.deepEqual(ddls, ledgerStatements());
    const at = (start: string) => ddls.findIndex((ddl: string) => ddl.startsWith(start));
    assert.ok(at('CREATE TABLE TrueTimeLedger') === 0);
    assert.ok(at('CREATE ROLE ledger_writer') > at('CREATE TABLE Migrations'));
    assert.ok(at('GRANT INSERT ON TABLE TrueTimeLedger') > at('CREATE ROLE ledger_writer'));
    assert.ok(ddls.every((ddl: string) => !/^\s*--/.test(ddl) && !ddl.endsWith(';')));
  });

  it('refuses to be dropped, by Google and by Pulumi, and remembers seven days', () => {
    for (const program of [dev, prod]) {
      const { inputs, options } = database(program);
      assert.equal(inputs.enableDropProtection, true);
      assert.equal(inputs.deletionProtection, true);
      assert.equal(inputs.versionRetentionPeriod, '7d');
      assert.equal(options.protect, true);
      assert.equal(options.retainOnDelete, true);
      assert.equal(instance(program).inputs.forceDestroy, false);
      assert.equal(instance(program).inputs.defaultBackupScheduleType, 'AUTOMATIC');
    }
  });

  it('lets go of all of it when told twice', async () => {
    const told = await runProgram({
      ...CONFIG,
      'vantio:destroyLedger': 'true',
      'vantio:destroyLedgerOf': 'example-project/vantio/vantio',
    });
    assert.equal(database(told).inputs.enableDropProtection, false);
    assert.equal(database(told).inputs.deletionProtection, false);
    assert.equal(instance(told).inputs.forceDestroy, true);
  });

  it('grows with its load in prod, and is small in dev', () => {
    assert.equal(instance(dev).inputs.processingUnits, 100);
    const { autoscalingConfig, edition } = instance(prod).inputs;
    assert.deepEqual(autoscalingConfig.autoscalingLimits, {
      minProcessingUnits: 1000,
      maxProcessingUnits: 10_000,
    });
    assert.equal(edition, 'ENTERPRISE');
  });

  it('lets the writer insert and do nothing else', () => {
    assert.deepEqual(roles(dev, 'writer'), [
      ['roles/spanner.databaseRoleUser', 'ledger_writer'],
      ['roles/spanner.fineGrainedAccessUser', undefined],
    ]);
    const grants = ledgerStatements().filter((ddl) => ddl.includes('TO ROLE ledger_writer'));
    assert.deepEqual(grants, [
      'GRANT INSERT ON TABLE TrueTimeLedger, Disclosures TO ROLE ledger_writer',
    ]);
  });

  it('lets those who move ledgers be one role each, and the importer read no record', () => {
    const role = (who: string) =>
      prod
        .all('spanner/databaseIAMMember:DatabaseIAMMember')
        .filter(({ inputs }) => inputs.member === `user:${who}@example.com`)
        .flatMap(({ inputs }) => inputs.condition?.title ?? []);
    assert.deepEqual(role('exporter'), ['console_reader']);
    assert.deepEqual(role('importer'), ['importer']);
    const grants = ledgerStatements().filter((ddl) => ddl.includes('TO ROLE importer'));
    assert.deepEqual(grants, [
      'GRANT INSERT ON TABLE TrueTimeLedger, Disclosures, ImportedLines, Imports TO ROLE importer',
      'GRANT SELECT(TenantId, ChainId, LineNumber, ReceivedMac) ON TABLE ImportedLines TO ROLE importer',
      'GRANT SELECT(TenantId, ChainId, ChainLines, ChainHead) ON TABLE Imports TO ROLE importer',
    ]);
  });

  it('gives each other account its one role, and ingest and the keymaker none', () => {
    const role = (account: string) => roles(dev, account)[0]?.[1];
    assert.equal(role('config'), 'spend_leaser');
    assert.equal(role('sealer'), 'ledger_sealer');
    assert.equal(role('log'), 'log_reader');
    assert.equal(role('compliance'), 'compliance_reader');
    assert.deepEqual(
      roles(dev, 'deploy').flatMap(([, title]) => title ?? []),
      ['migrator'],
    );
    assert.equal(role('quota'), 'quota_reader');
    for (const account of ['ingest', 'keymaker', 'push', 'schedule', 'build'])
      assert.deepEqual(roles(dev, account), [], account);
  });

  it('lets the sealer write to the ledger only while a key of the logs hands over or is revoked', async () => {
    const held = (program: Program): string[] =>
      roles(program, 'sealer').flatMap(([, title]) => title ?? []);
    assert.deepEqual(held(dev), ['ledger_sealer']);
    assert.deepEqual(held(prod).sort(), ['key_recorder', 'ledger_sealer']);
    const two = JSON.stringify(['dd', 'ee'].map((byte) => byte.repeat(32)));
    const [first] = JSON.parse(two) as [string];
    for (const more of [
      { 'vantio:nextLogKey': 'secret' },
      { 'vantio:revokedLogKeys': JSON.stringify([first]) },
    ])
      assert.deepEqual(
        held(await runProgram({ ...CONFIG, 'vantio:logPublicKeys': two, ...more })).sort(),
        ['key_recorder', 'ledger_sealer'],
      );
    const grants = ledgerStatements().filter((ddl) => ddl.includes('TO ROLE key_recorder'));
    assert.deepEqual(grants, [
      'GRANT INSERT ON TABLE TrueTimeLedger, SignerRecords TO ROLE key_recorder',
    ]);
    const own = ledgerStatements().filter((ddl) => ddl.includes('TO ROLE ledger_sealer'));
    assert.ok(own.every((ddl) => !/INSERT.*(TrueTimeLedger|SignerRecords)/.test(ddl)));
  });

  it('lets quota count events, and read no record', () => {
    const grants = ledgerStatements().filter((ddl) => ddl.includes('TO ROLE quota_reader'));
    assert.deepEqual(grants, [
      'GRANT SELECT(TenantId, RecordHash, ReceivedAt, EventType) ON TABLE TrueTimeLedger TO ROLE quota_reader',
    ]);
  });

  it('grants only roles that the DDL creates', () => {
    const created = new Set(
      ledgerStatements().flatMap((ddl) => /^CREATE ROLE (\w+)/.exec(ddl)?.[1] ?? []),
    );
    const granted = prod
      .all('spanner/databaseIAMMember:DatabaseIAMMember')
      .flatMap(({ inputs }) => inputs.condition?.title ?? []);
    assert.ok(granted.length >= 4);
    for (const role of granted) assert.ok(created.has(role), role);
  });

  it('says which migrations it was made with', () => {
    const { ddls } = database(dev).inputs;
    const view = ddls.find((ddl: string) => ddl.startsWith('CREATE VIEW CreatedWith '));
    assert.match(view, /STRUCT\(1 AS Number, '[0-9a-f]{64}' AS Sha256\)/);
  });

  it('has its schema changed by one account that sees no record', () => {
    const { permissions } = prod.one('projects/iAMCustomRole:IAMCustomRole', 'ddl-role').inputs;
    assert.ok(permissions.includes('spanner.databases.updateDdl'));
    const data =
      /select|read|write|beginReadOnly|beginOrRollback|partition|sessions|setIamPolicy|drop/i;
    assert.deepEqual(
      permissions.filter((permission: string) => data.test(permission)),
      [],
    );
    const may = prod
      .all('spanner/databaseIAMMember:DatabaseIAMMember')
      .filter(({ inputs }) => inputs.role.endsWith('vantioLedgerMigrator'));
    assert.deepEqual(
      may.map(({ inputs }) => inputs.member),
      ['serviceAccount:vantio-deploy@example-project.iam.gserviceaccount.com'],
    );
    const rows = ledgerStatements().filter((ddl) => ddl.endsWith('TO ROLE migrator'));
    assert.deepEqual(rows, [
      'GRANT SELECT, INSERT ON TABLE Migrations TO ROLE migrator',
      'GRANT SELECT ON VIEW CreatedWith TO ROLE migrator',
    ]);
    const { inputs } = prod.one('serviceaccount/iAMMember:IAMMember', 'deployer-0');
    assert.equal(inputs.member, 'user:deployer@example.com');
  });
});
