import type { Database } from '@google-cloud/spanner';
import { dueRoleStatements } from '@vantio/schema/spanner/due-role-statements';

/**
 * Gives a database the roles that it has not, and every role its rights.
 * @param roles text of schema/spanner_roles.ddl.
 * @returns how many statements were applied.
 */
export async function applyRoles(database: Database, roles: string): Promise<number> {
  const [existing] = await database.getSchema();
  const due = dueRoleStatements(roles, existing);
  const [operation] = await database.updateSchema([...due]);
  await operation.promise();
  return due.length;
}
