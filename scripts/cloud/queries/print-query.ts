import { parseArgs } from 'node:util';
import { authorizedView, federatedView, report, snapshot } from '@vantio/schema/queries/bigquery';
import { type Bindings, bind } from '@vantio/schema/queries/parameters';
import { type ComplianceQuery, spannerQuery } from '@vantio/schema/queries/read-query';
import { loadQueries } from './load-queries.ts';

const USAGE = `node scripts/cloud/queries/print-query.ts QUERY --form FORM --tenant ID (--from T --to T | --last-days N)
  [--trace ID] [--operator ID] [--project P --location L --connection C] [--dataset D] [--shared-dataset D]
FORM is spanner, report, view, snapshot or authorized-view; T is 2025-01-05 or 2025-01-05T00:00:00.000000Z`;

const text = { type: 'string', default: '' } as const;
const OPTIONS = {
  form: text,
  tenant: text,
  operator: { ...text, default: 'vantio' },
  trace: text,
  from: text,
  to: text,
  'last-days': text,
  project: text,
  location: text,
  connection: text,
  dataset: text,
  'shared-dataset': text,
} as const;

type Values = Readonly<Record<keyof typeof OPTIONS, string>>;

function print(query: ComplianceQuery, values: Values): string {
  const { project, location, connection, dataset } = values;
  const via = { project, location, connection };
  const at = { project, dataset };
  const bindings = bindingsOf(values);
  switch (values.form) {
    case 'spanner':
      return `${bind(spannerQuery(query), bindings)}\n`;
    case 'report':
      return report(query, via, bindings);
    case 'view':
      return federatedView(query, at, via, bindings);
    case 'snapshot':
      return snapshot(query, at, via, bindings);
    case 'authorized-view':
      return authorizedView(query, { project, dataset: values['shared-dataset'] }, at);
    default:
      throw new Error(`${values.form || 'nothing'} is no form`);
  }
}

function bindingsOf(values: Values): Bindings {
  const days = values['last-days'];
  return {
    tenantId: values.tenant,
    operatorTenantId: values.operator,
    traceId: values.trace,
    range: days
      ? { lastDays: Number(days) }
      : { from: instant(values.from), to: instant(values.to) },
  };
}

const instant = (given: string): string =>
  /^\d{4}-\d\d-\d\d$/.test(given) ? `${given}T00:00:00.000000Z` : given;

try {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  const queries = loadQueries();
  const query = queries.find(({ name }) => name === positionals[0]);
  if (!query || positionals.length !== 1)
    throw new Error(`QUERY is one of ${queries.map(({ name }) => name).join(', ')}`);
  process.stdout.write(print(query, values));
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
  // sysexits.h EX_USAGE.
  process.exitCode = 64;
}
