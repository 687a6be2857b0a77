import * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import { type Context, under } from '../context.ts';
import type { Accounts } from '../identity/accounts.ts';
import { grantDatabaseRole } from '../ledger/roles.ts';

export const CONNECTION = 'vantio-ledger';

/**
 * BigQuery's way to the ledger, as the database role `compliance_reader`. BigQuery asks with the rights of whoever runs
 * the query, so each who may use it needs that role as well.
 */
export function makeConnection(
  context: Context,
  database: gcp.spanner.Database,
  accounts: Accounts,
): void {
  const { projectId: project, region: location, auditors } = context.settings;
  const connection = new gcp.bigquery.Connection(
    'connection',
    {
      connectionId: CONNECTION,
      location,
      project,
      friendlyName: 'Vantio ledger',
      cloudSpanner: {
        database: pulumi.interpolate`projects/${project}/instances/${database.instance}/databases/${database.name}`,
        databaseRole: 'compliance_reader',
      },
    },
    under(context),
  );
  const may = (name: string, member: pulumi.Input<string>): void => {
    grantDatabaseRole(context, name, database, member, 'compliance_reader');
    new gcp.bigquery.ConnectionIamMember(
      `${name}-connection`,
      {
        connectionId: connection.connectionId,
        location,
        project,
        role: 'roles/bigquery.connectionUser',
        member,
      },
      under(context),
    );
    // A query is a job of the project, and can be allowed no lower.
    new gcp.projects.IAMMember(
      `${name}-jobs`,
      { project, role: 'roles/bigquery.jobUser', member },
      under(context),
    );
  };
  may('compliance', accounts.compliance.member);
  for (const [index, member] of auditors.entries()) may(`auditor-${index}`, member);
}
