import { statementsOf } from '@vantio/schema/spanner/migrations';

export type Privilege = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE';

/** A right on a table; `columns` absent: on all of them. */
export type Grant = {
  readonly role: string;
  readonly table: string;
  readonly privilege: Privilege;
  readonly columns?: readonly string[];
};

/** What a request needs. */
export type Need = { readonly privilege: Privilege; readonly columns?: readonly string[] };

export type Grants = {
  readonly roles: readonly string[];
  readonly may: (role: string, table: string, need: Need) => boolean;
};

const GRANT = /^GRANT (?<rights>.+) ON TABLE (?<tables>.+) TO ROLE (?<role>\w+)$/s;
const RIGHT = /(?<privilege>SELECT|INSERT|UPDATE|DELETE)(?:\((?<columns>[^)]+)\))?(?:,\s*|$)/gy;

/**
 * The grants of schema/spanner_roles.ddl: what the project is held to.
 * @throws {Error} on a statement that is neither CREATE ROLE nor a GRANT on tables: then this would claim less than it should.
 */
export function readGrants(ddl: string): Grants {
  const roles: string[] = [];
  const grants: Grant[] = [];
  for (const statement of statementsOf(ddl.replaceAll(/^--.*$/gm, ''))) {
    const [, created] = /^CREATE ROLE (\w+)$/.exec(statement) ?? [];
    if (created !== undefined) roles.push(created);
    else grants.push(...grantsOf(statement));
  }
  const may = (role: string, table: string, { privilege, columns }: Need): boolean =>
    grants.some(
      (grant) =>
        grant.role === role &&
        grant.table === table &&
        grant.privilege === privilege &&
        (grant.columns === undefined ||
          columns?.every((column) => grant.columns?.includes(column))),
    );
  return { roles, may };
}

function grantsOf(statement: string): readonly Grant[] {
  const { rights = '', tables = '', role = '' } = GRANT.exec(statement)?.groups ?? {};
  const named = [...rights.matchAll(RIGHT)];
  if (named.map(([text]) => text).join('') !== rights || named.length === 0)
    throw new Error(`schema/spanner_roles.ddl: not understood: ${statement}`);
  return tables.split(/,\s*/).flatMap((table) =>
    named.map(({ groups }) => ({
      role,
      table,
      privilege: groups?.privilege as Privilege,
      ...(groups?.columns === undefined ? {} : { columns: groups.columns.split(/,\s*/) }),
    })),
  );
}
