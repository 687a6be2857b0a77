import { schemaOf } from '../spanner/column-ddl.ts';

/** What a query may ask for; its values come from outside, so each has an alphabet: that of the record's field. */
const FIELD_OF = {
  tenant_id: 'tenant_id',
  /** Whose sessions the control plane writes, about all tenants. */
  operator_tenant_id: 'tenant_id',
  trace_id: 'trace_id',
  from_time: 'occurred_at',
  to_time: 'occurred_at',
} as const;

export type ParameterName = keyof typeof FIELD_OF;

/** A query's range: from the first instant up to, but without, the second; or the days before the query is run. */
export type Range = { readonly from: string; readonly to: string } | { readonly lastDays: number };

export type Bindings = {
  readonly tenantId: string;
  readonly operatorTenantId: string;
  /** For the query about one trace. */
  readonly traceId?: string;
  readonly range: Range;
};

const MAX_DAYS = 36_600;
// A parameter is looked for outside of comments and strings only.
const TOKEN = /--[^\n]*|'(?:[^'\\]|\\.)*'|@(?<name>[a-z_]+)/g;

export function parametersOf(sql: string): readonly ParameterName[] {
  const names = [...sql.matchAll(TOKEN)].flatMap(({ groups }) => groups?.name ?? []);
  return [...new Set(names)].map(known).sort();
}

/**
 * The statement with a literal in the place of each parameter: `EXTERNAL_QUERY` takes none. A literal is made only from
 * a text that is in its parameter's alphabet, and no alphabet has a quote or a backslash.
 * @throws {Error} naming the parameter that has no such value.
 */
export function bind(sql: string, bindings: Bindings): string {
  return sql.replaceAll(TOKEN, (token: string, name: string | undefined) =>
    name === undefined ? token : literal(known(name), bindings),
  );
}

/** The value of a parameter, for a client that sends it beside the statement. */
export function parameterValue(name: ParameterName, bindings: Bindings): string {
  const value = givenValue(name, bindings);
  const { pattern } = schemaOf(FIELD_OF[name]);
  if (value === undefined || pattern === undefined || !new RegExp(pattern).test(value))
    throw new Error(`${name} must match ${pattern}`);
  return value;
}

function givenValue(name: ParameterName, { range, ...bindings }: Bindings): string | undefined {
  switch (name) {
    case 'tenant_id':
      return bindings.tenantId;
    case 'operator_tenant_id':
      return bindings.operatorTenantId;
    case 'trace_id':
      return bindings.traceId;
    case 'from_time':
      return 'from' in range ? range.from : undefined;
    case 'to_time':
      return 'to' in range ? range.to : undefined;
  }
}

function literal(name: ParameterName, bindings: Bindings): string {
  const { range } = bindings;
  const isTime = name === 'from_time' || name === 'to_time';
  if (!isTime) return `'${parameterValue(name, bindings)}'`;
  if (!('lastDays' in range)) return `TIMESTAMP '${parameterValue(name, bindings)}'`;
  const { lastDays } = range;
  if (!Number.isInteger(lastDays) || lastDays < 1 || lastDays > MAX_DAYS)
    throw new Error(`lastDays must be 1 to ${MAX_DAYS}`);
  return name === 'to_time'
    ? 'CURRENT_TIMESTAMP()'
    : `TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL ${lastDays} DAY)`;
}

function known(name: string): ParameterName {
  if (!Object.hasOwn(FIELD_OF, name)) throw new Error(`@${name} is no parameter`);
  return name as ParameterName;
}
