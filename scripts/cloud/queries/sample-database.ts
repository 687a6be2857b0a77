import { readFileSync } from 'node:fs';
import type { Bindings } from '@vantio/schema/queries/parameters';
import { parametersOf, parameterValue } from '@vantio/schema/queries/parameters';
import type { ComplianceQuery } from '@vantio/schema/queries/read-query';
import { spannerQuery } from '@vantio/schema/queries/read-query';
import { readMigrations } from '@vantio/schema/spanner/migrations';
import { type Answer, createDatabase, type Parameters } from '../spanner-rest.ts';
import { OPERATOR } from './sample/operator-session.ts';
import { insertSample, RANGE, TENANT } from './sample/sample-ledger.ts';
import { TRACE_1 } from './sample/tenant-sessions.ts';

export const BINDINGS: Bindings & { readonly range: typeof RANGE } = {
  tenantId: TENANT,
  operatorTenantId: OPERATOR,
  traceId: TRACE_1,
  range: RANGE,
};

const DDL = new URL('../../../schema/spanner_ledger.ddl', import.meta.url);

const REST = process.env.SPANNER_EMULATOR_REST;
/** Why there can be no such database here, or false. */
export const lacksEmulator =
  REST === undefined && 'no emulators on this machine; see the line above';

/** A database of the emulator with the checked-in DDL and the sample ledger in it. */
export async function makeSampleDatabase() {
  const statements = readMigrations(readFileSync(DDL, 'utf8')).flatMap(
    (migration) => migration.statements,
  );
  const database = await createDatabase(REST ?? '', statements);
  return { ...database, names: await insertSample(database) };
}

export type SampleDatabase = Awaited<ReturnType<typeof makeSampleDatabase>>;

/** As a person does it by hand: the values go beside the statement. */
export function askSpanner(
  { query }: Pick<SampleDatabase, 'query'>,
  asked: ComplianceQuery,
  bindings: Bindings = BINDINGS,
): Promise<Answer> {
  const sql = spannerQuery(asked);
  const parameters: Parameters = Object.fromEntries(
    parametersOf(sql).map((name) => [
      name,
      {
        type: name.endsWith('_time') ? 'TIMESTAMP' : 'STRING',
        value: parameterValue(name, bindings),
      },
    ]),
  );
  return query(sql, parameters);
}
