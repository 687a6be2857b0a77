import { readFileSync } from 'node:fs';
import { readMigrations, statementsOf } from '../../../schema/src/spanner/migrations.ts';
import { InfraError } from '../infra-error.ts';

const SCHEMA = new URL('../../../schema/', import.meta.url);

/** Every statement that a new database begins with: the migrations in order, then the roles. */
export const ledgerStatements = (): readonly string[] => [
  ...readMigrations(read('spanner_ledger.ddl')).flatMap(({ statements }) => statements),
  ...statementsOf(withoutComments(read('spanner_roles.ddl'))),
];

const withoutComments = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !/^\s*--/.test(line))
    .join('\n');

function read(name: string): string {
  try {
    return readFileSync(new URL(name, SCHEMA), 'utf8');
  } catch {
    throw new InfraError('ddl_missing', `schema/${name} is not there: npm run generate -w schema`);
  }
}
