import * as gcp from '@pulumi/gcp';
import { type Context, under } from '../context.ts';
import { grantDatabaseRole } from './roles.ts';

/** May change the schema; of rows it has those of its database role only. */
const PERMISSIONS = [
  'spanner.databaseOperations.get',
  'spanner.databaseOperations.list',
  'spanner.databases.get',
  'spanner.databases.getDdl',
  'spanner.databases.updateDdl',
];

/** The one identity that may change the ledger's schema, and note which migrations it has, and who may act as it. */
export function makeDeployIdentity(
  context: Context,
  database: gcp.spanner.Database,
  account: gcp.serviceaccount.Account,
): void {
  const { projectId, deployers } = context.settings;
  const role = new gcp.projects.IAMCustomRole(
    'ddl-role',
    {
      roleId: 'vantioLedgerMigrator',
      title: 'Vantio ledger migrator',
      description: 'changes the schema of a database, and holds no right on rows',
      project: projectId,
      permissions: PERMISSIONS,
    },
    under(context),
  );
  new gcp.spanner.DatabaseIAMMember(
    'deploy-ddl',
    {
      instance: database.instance,
      database: database.name,
      project: projectId,
      role: role.name,
      member: account.member,
    },
    under(context),
  );
  grantDatabaseRole(context, 'deploy', database, account.member, 'migrator');
  for (const [index, member] of deployers.entries())
    new gcp.serviceaccount.IAMMember(
      `deployer-${index}`,
      { serviceAccountId: account.name, role: 'roles/iam.serviceAccountTokenCreator', member },
      under(context),
    );
}
