import { readFileSync } from 'node:fs';
import type { Bindings } from '@vantio/schema/queries/parameters';
import { parametersOf, parameterValue } from '@vantio/schema/queries/parameters';
import type { ComplianceQuery } from '@vantio/schema/queries/read-query';
import { spannerQuery } from '@vantio/schema/queries/read-query';
import { readMigrations } from '@vantio/schema/spanner/migrations';
import { type SpannerEmulator, startSpannerEmulator } from '../spanner-emulator.ts';
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

/** An emulator with the checked-in DDL and the sample ledger in it. */
export async function startSampleDatabase(program: string) {
  const emulator: SpannerEmulator = await startSpannerEmulator(program);
  try {
    const statements = readMigrations(readFileSync(DDL, 'utf8')).flatMap(
      (migration) => migration.statements,
    );
    const database = await createDatabase(emulator.rest, statements);
    const names = await insertSample(database);
    return { ...database, names, stop: emulator.stop };
  } catch (error) {
    await emulator.stop();
    throw error;
  }
}

export type SampleDatabase = Awaited<ReturnType<typeof startSampleDatabase>>;

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
