import * as assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { InfraError } from '../infra-error.ts';
import { CONFIG, FULL } from '../testing/config.ts';
import { type Program, runProgram } from '../testing/run-program.ts';
import { complianceQueries } from './queries.ts';

const READERS = JSON.stringify([
  'acme-corp=group:compliance@acme.example',
  'globex=user:auditor@globex.example',
]);

describe('BigQuery over the ledger', () => {
  let full: Program;
  let two: Program;
  before(async () => {
    full = await runProgram(FULL);
    two = await runProgram({ ...CONFIG, 'vantio:tenantReaders': READERS });
  });

  it('asks as the database role that sees no value behind a commitment', () => {
    const { cloudSpanner } = full.one('bigquery/connection:Connection', 'connection').inputs;
    assert.equal(cloudSpanner.databaseRole, 'compliance_reader');
    assert.equal(
      cloudSpanner.database,
      'projects/example-project/instances/vantio/databases/vantio',
    );
  });

  it('is open to the schedule’s account and the auditors, who need the role themselves', () => {
    const may = (type: string) =>
      full
        .all(type)
        .filter(({ inputs }) => !inputs.condition || inputs.condition.title === 'compliance_reader')
        .map(({ inputs }) => inputs.member)
        .filter((member) => /auditors|compliance@ex/.test(member));
    const members = [
      'group:auditors@example.com',
      'serviceAccount:vantio-compliance@example-project.iam.gserviceaccount.com',
    ];
    assert.deepEqual(may('bigquery/connectionIamMember:ConnectionIamMember').sort(), members);
    assert.deepEqual(
      [...new Set(may('spanner/databaseIAMMember:DatabaseIAMMember'))].sort(),
      members,
    );
  });

  it('answers every question but that about one trace, at least fifteen', () => {
    assert.ok(complianceQueries().length >= 15);
    assert.equal(
      full.all('bigquery/dataTransferConfig:DataTransferConfig').length,
      complianceQueries().length,
    );
  });

  it('shows a tenant’s readers views over answers about that tenant, and nothing else', () => {
    const reads = two
      .all('bigquery/datasetIamMember:DatasetIamMember')
      .filter(({ inputs }) => inputs.role === 'roles/bigquery.dataViewer')
      .map(({ inputs }) => [inputs.datasetId, inputs.member]);
    assert.deepEqual(reads.sort(), [
      ['vantio_acme_corp', 'group:compliance@acme.example'],
      ['vantio_globex', 'user:auditor@globex.example'],
    ]);
    const { inputs } = two.one('bigquery/datasetAccess:DatasetAccess', 'authorized-globex');
    assert.equal(inputs.datasetId, 'vantio_answers_globex');
    assert.equal(inputs.authorizedDataset.dataset.datasetId, 'vantio_globex');
    for (const { inputs, name } of two.all('bigquery/dataTransferConfig:DataTransferConfig')) {
      const own = name.startsWith('ask-globex') ? 'globex' : 'acme-corp';
      const other = own === 'globex' ? 'acme' : 'globex';
      assert.ok(inputs.params.query.includes(`'${own}'`), name);
      assert.ok(!inputs.params.query.includes(other), name);
    }
    for (const { inputs } of two.all('bigquery/table:Table').filter(({ inputs }) => inputs.view)) {
      const answers = inputs.datasetId.replace('vantio_', 'vantio_answers_');
      assert.ok(
        inputs.view.query.endsWith(`FROM \`example-project.${answers}.${inputs.tableId}\``),
      );
      assert.equal(inputs.view.useLegacySql, false);
    }
  });

  it('lets no reader write, and no reader use the connection', () => {
    const writers = two
      .all('bigquery/datasetIamMember:DatasetIamMember')
      .filter(({ inputs }) => inputs.role !== 'roles/bigquery.dataViewer');
    for (const { inputs } of writers)
      assert.match(inputs.member, /^serviceAccount:vantio-compliance@/);
    const users = two.all('bigquery/connectionIamMember:ConnectionIamMember');
    assert.equal(users.length, 1);
  });

  it('refuses two tenants that BigQuery could not tell apart', async () => {
    const same = JSON.stringify(['a-b=user:a@example.com', 'a_b=user:b@example.com']);
    await assert.rejects(
      runProgram({ ...CONFIG, 'vantio:tenantReaders': same }),
      (error) => error instanceof InfraError && error.code === 'bad_setting',
    );
  });
});
