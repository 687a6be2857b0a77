import { statementsOf } from './migrations.ts';

const CREATE_ROLE = /^CREATE ROLE (\w+)$/;

/**
 * What of the roles' file a database still wants: roles that it has not, and every grant, for granting twice changes
 * nothing. A right that is to be taken away is a REVOKE in a migration.
 * @param roles text of schema/spanner_roles.ddl.
 * @param existing statements that describe the database, as Spanner gives them.
 */
export function dueRoleStatements(roles: string, existing: readonly string[]): readonly string[] {
  const has = new Set(
    existing.flatMap((statement) => CREATE_ROLE.exec(statement.trim())?.[1] ?? []),
  );
  return roleStatements(roles).filter((statement) => {
    const [, role] = CREATE_ROLE.exec(statement) ?? [];
    return role === undefined || !has.has(role);
  });
}

/** Every statement of the roles' file, without comments. */
export const roleStatements = (roles: string): readonly string[] =>
  statementsOf(
    roles
      .split('\n')
      .filter((line) => !/^\s*--/.test(line))
      .join('\n'),
  );
