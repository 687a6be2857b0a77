import * as gcp from '@pulumi/gcp';
import { type Context, component, under } from '../context.ts';
import type { DataKey } from '../encryption/key.ts';
import type { Accounts } from '../identity/accounts.ts';
import { makeConnection } from './connection.ts';
import { complianceQueries } from './queries.ts';
import { makeTenantDatasets, type TenantDatasets } from './tenant-datasets.ts';
import { makeTenantView } from './tenant-views.ts';

/** BigQuery over the ledger: auditors ask it themselves, a tenant's readers see views with answers about their tenant. */
export const makeCompliance = (
  context: Context,
  database: gcp.spanner.Database,
  accounts: Accounts,
  key: DataKey,
): void =>
  component(context, 'compliance', (inner) => {
    makeConnection(inner, database, accounts);
    const { tenantReaders } = inner.settings;
    const tenants = [...new Set(tenantReaders.map(({ tenant }) => tenant))];
    const queries = complianceQueries();
    for (const datasets of makeTenantDatasets(inner, tenants, key)) {
      authorize(inner, datasets, accounts);
      for (const query of queries) makeTenantView(inner, query, datasets, accounts);
    }
  });

/** The views may read the answers; their readers may read the views; only the schedule's account writes. */
function authorize(
  context: Context,
  { tenant, answers, views }: TenantDatasets,
  accounts: Accounts,
): void {
  const { projectId: project, tenantReaders } = context.settings;
  new gcp.bigquery.DatasetAccess(
    `authorized-${tenant}`,
    {
      datasetId: answers.datasetId,
      project,
      authorizedDataset: {
        dataset: { projectId: project, datasetId: views.datasetId },
        targetTypes: ['VIEWS'],
      },
    },
    under(context),
  );
  const may = (name: string, dataset: gcp.bigquery.Dataset, role: string, member: DatasetMember) =>
    new gcp.bigquery.DatasetIamMember(
      name,
      { datasetId: dataset.datasetId, project, role, member },
      under(context),
    );
  may(`${tenant}-asker`, answers, 'roles/bigquery.dataEditor', accounts.compliance.member);
  const readers = tenantReaders.filter((reader) => reader.tenant === tenant);
  for (const [index, { member }] of readers.entries()) {
    may(`${tenant}-reader-${index}`, views, 'roles/bigquery.dataViewer', member);
    new gcp.projects.IAMMember(
      `${tenant}-reader-${index}-jobs`,
      { project, role: 'roles/bigquery.jobUser', member },
      under(context),
    );
  }
}

type DatasetMember = gcp.bigquery.DatasetIamMemberArgs['member'];
