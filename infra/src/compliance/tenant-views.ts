import * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import { snapshot } from '../../../schema/src/queries/bigquery.ts';
import type { ComplianceQuery } from '../../../schema/src/queries/read-query.ts';
import { type Context, under } from '../context.ts';
import type { Accounts } from '../identity/accounts.ts';
import { CONNECTION } from './connection.ts';
import type { TenantDatasets } from './tenant-datasets.ts';

/** How far back a view looks: a record's inspection year, and the one before it begins. */
const LAST_DAYS = 400;

/** One question for one tenant: a table of answers, the schedule that asks, and the view that readers see. */
export function makeTenantView(
  context: Context,
  query: ComplianceQuery,
  { tenant, answers, views }: TenantDatasets,
  accounts: Accounts,
): void {
  const { projectId: project, region: location, operatorTenant } = context.settings;
  const tableId = query.name.replaceAll('-', '_');
  const name = `${tenant}-${query.name}`;
  const table = new gcp.bigquery.Table(
    `answers-${name}`,
    {
      datasetId: answers.datasetId,
      tableId,
      project,
      deletionProtection: false,
      schema: JSON.stringify(query.columns.map(({ name, type }) => ({ name, type }))),
    },
    // A view over it must be possible before the first asking, which then replaces it.
    under(context, { ignoreChanges: ['schema'] }),
  );
  new gcp.bigquery.DataTransferConfig(
    `ask-${name}`,
    {
      displayName: `Vantio ${tenant}: ${query.name}`,
      dataSourceId: 'scheduled_query',
      schedule: 'every 24 hours',
      location,
      project,
      serviceAccountName: accounts.compliance.email,
      params: {
        query: pulumi.all([answers.datasetId, table.tableId]).apply(([dataset]) =>
          snapshot(
            query,
            { project, dataset },
            { project, location, connection: CONNECTION },
            {
              tenantId: tenant,
              operatorTenantId: operatorTenant,
              range: { lastDays: LAST_DAYS },
            },
          ),
        ),
      },
    },
    under(context),
  );
  const columns = query.columns.map((column) => column.name).join(', ');
  new gcp.bigquery.Table(
    `view-${name}`,
    {
      datasetId: views.datasetId,
      tableId,
      project,
      deletionProtection: false,
      description: query.question,
      view: {
        query: pulumi.interpolate`SELECT ${columns} FROM \`${project}.${answers.datasetId}.${table.tableId}\``,
        useLegacySql: false,
      },
    },
    under(context),
  );
}
