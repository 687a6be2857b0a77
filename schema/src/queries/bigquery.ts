import { type Bindings, bind, parametersOf } from './parameters.ts';
import type { ComplianceQuery } from './read-query.ts';

/** A BigQuery connection to the database whose database role is `compliance_reader`. */
export type Connection = {
  readonly project: string;
  readonly location: string;
  readonly connection: string;
};
export type Dataset = { readonly project: string; readonly dataset: string };

const FORMS = {
  project: /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/,
  location: /^[a-z][a-z0-9-]{1,62}$/,
  connection: /^[A-Za-z0-9_-]{1,256}$/,
  dataset: /^[A-Za-z0-9_]{1,1024}$/,
} as const;

/** A query that sends the question to Spanner: the body of a view, of a snapshot, or of a report. */
export const federatedSelect = (
  query: ComplianceQuery,
  connection: Connection,
  bindings: Bindings,
): string => `SELECT${columnList(query)}
FROM EXTERNAL_QUERY('${connectionName(connection)}', r"""
${bind(query.select, bindings)}
""")`;

/** For one reading. Spanner's order does not survive `EXTERNAL_QUERY`, so the outer part orders. */
export const report = (
  query: ComplianceQuery,
  connection: Connection,
  bindings: Bindings,
): string => `${federatedSelect(query, connection, bindings)}\n${query.orderBy}\n`;

/** A view that asks Spanner whenever it is read. Its readers need the database role: see schema/queries/README.md. */
export const federatedView = (
  query: ComplianceQuery,
  at: Dataset,
  connection: Connection,
  bindings: Bindings,
): string =>
  `CREATE OR REPLACE VIEW ${tableName(query, at)} (${described(query)})
OPTIONS (description = ${quote(query.question)})
AS ${federatedSelect(query, connection, bindings)}\n`;

/** What a schedule runs, under an account with the database role, for readers without it. */
export const snapshot = (
  query: ComplianceQuery,
  at: Dataset,
  connection: Connection,
  bindings: Bindings,
): string =>
  `CREATE OR REPLACE TABLE ${tableName(query, at)}
OPTIONS (description = ${quote(query.question)})
AS ${federatedSelect(query, connection, bindings)}\n`;

/** In the dataset that a tenant's readers may read, over the table in the one that they may not. */
export const authorizedView = (query: ComplianceQuery, at: Dataset, over: Dataset): string =>
  `CREATE OR REPLACE VIEW ${tableName(query, at)} (${described(query)})
OPTIONS (description = ${quote(query.question)})
AS SELECT${columnList(query)}
FROM ${tableName(query, over)}\n`;

/** Not that about one trace: a view takes no parameter. */
export const canBeView = (query: ComplianceQuery): boolean =>
  !parametersOf(query.select).includes('trace_id');

function connectionName({ project, location, connection }: Connection): string {
  const parts = [
    checked('project', project),
    checked('location', location),
    checked('connection', connection),
  ];
  return `projects/${parts[0]}/locations/${parts[1]}/connections/${parts[2]}`;
}

function tableName(query: ComplianceQuery, { project, dataset }: Dataset): string {
  if (!canBeView(query)) throw new Error(`${query.name} is about one trace: print it as a report`);
  const table = query.name.replaceAll('-', '_');
  return `\`${checked('project', project)}.${checked('dataset', dataset)}.${table}\``;
}

function checked(name: keyof typeof FORMS, value: string): string {
  if (!FORMS[name].test(value)) throw new Error(`${name} must match ${FORMS[name].source}`);
  return value;
}

const columnList = ({ columns }: ComplianceQuery): string =>
  columns.map(({ name }) => `\n  ${name}`).join(',');
const described = ({ columns }: ComplianceQuery): string =>
  columns
    .map(({ name, meaning }) => `\n  ${name} OPTIONS (description = ${quote(meaning)})`)
    .join(',');
// Printable ASCII of our own files, for which JSON's escapes are GoogleSQL's.
const quote = (text: string): string => JSON.stringify(text);
