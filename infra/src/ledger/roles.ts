import * as gcp from '@pulumi/gcp';
import type * as pulumi from '@pulumi/pulumi';
import { type Context, under } from '../context.ts';

/** The roles that schema/spanner_roles.ddl creates. */
export type DatabaseRole =
  | 'ledger_writer'
  | 'importer'
  | 'eraser'
  | 'ledger_sealer'
  | 'key_recorder'
  | 'log_reader'
  | 'spend_leaser'
  | 'policy_publisher'
  | 'quota_reader'
  | 'console_reader'
  | 'compliance_reader'
  | 'migrator';

/**
 * Lets a member be one database role and nothing more: it may open sessions only as a role
 * (`fineGrainedAccessUser`), and of the roles only this one (`databaseRoleUser`, under a condition on its name).
 */
export function grantDatabaseRole(
  context: Context,
  name: string,
  database: gcp.spanner.Database,
  member: pulumi.Input<string>,
  databaseRole: DatabaseRole,
): void {
  new gcp.spanner.DatabaseIAMMember(
    `${name}-fine-grained`,
    { ...rightOn(context, database, member), role: 'roles/spanner.fineGrainedAccessUser' },
    under(context),
  );
  grantFurtherRole(context, name, database, member, databaseRole);
}

/** Lets a member that may be one database role already be another one, too. */
export const grantFurtherRole = (
  context: Context,
  name: string,
  database: gcp.spanner.Database,
  member: pulumi.Input<string>,
  databaseRole: DatabaseRole,
): gcp.spanner.DatabaseIAMMember =>
  new gcp.spanner.DatabaseIAMMember(
    `${name}-${databaseRole}`,
    {
      ...rightOn(context, database, member),
      role: 'roles/spanner.databaseRoleUser',
      condition: {
        title: databaseRole,
        description: `only the database role ${databaseRole}`,
        expression: `resource.type == "spanner.googleapis.com/DatabaseRole" && resource.name.endsWith("/databaseRoles/${databaseRole}")`,
      },
    },
    under(context),
  );

const rightOn = (
  context: Context,
  database: gcp.spanner.Database,
  member: pulumi.Input<string>,
) => ({
  instance: database.instance,
  database: database.name,
  project: context.settings.projectId,
  member,
});
