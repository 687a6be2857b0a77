import { readFileSync } from 'node:fs';
import { CREATED_WITH, createdWithView } from '../../../schema/src/spanner/created-with.ts';
import { roleStatements } from '../../../schema/src/spanner/due-role-statements.ts';
import { readMigrations } from '../../../schema/src/spanner/migrations.ts';
import { InfraError } from '../infra-error.ts';

const SCHEMA = new URL('../../../schema/', import.meta.url);

/**
 * Every statement that a new database begins with: the migrations in order, what says that it has them, then the roles.
 */
export function ledgerStatements(): readonly string[] {
  const migrations = readMigrations(read('spanner_ledger.ddl'));
  return [
    ...migrations.flatMap(({ statements }) => statements),
    createdWithView(migrations),
    ...roleStatements(read('spanner_roles.ddl')),
    `GRANT SELECT ON VIEW ${CREATED_WITH} TO ROLE migrator`,
  ];
}

function read(name: string): string {
  try {
    return readFileSync(new URL(name, SCHEMA), 'utf8');
  } catch {
    throw new InfraError('ddl_missing', `schema/${name} is not there: npm run generate -w schema`);
  }
}
