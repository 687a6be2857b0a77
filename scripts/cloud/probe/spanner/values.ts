import type { protos } from '@google-cloud/spanner';

/** The database's own time, of the commit. */
export const NOW = Symbol('commit timestamp');
export type Value = string | number | null | typeof NOW;
export type Row = Readonly<Record<string, Value>>;

type ProtoValue = protos.google.protobuf.IValue;
type Write = protos.google.spanner.v1.Mutation.IWrite;

const isTime = (column: string): boolean => /(At|Timestamp)$/.test(column);

/** In Spanner's JSON a 64-bit integer is a string. */
const encode = (value: Value): ProtoValue =>
  value === null
    ? { nullValue: 'NULL_VALUE' }
    : { stringValue: value === NOW ? 'spanner.commit_timestamp()' : String(value) };

export const listOf = (values: readonly Value[]): protos.google.protobuf.IListValue => ({
  values: values.map(encode),
});

export const writeOf = (table: string, row: Row): Write => ({
  table,
  columns: Object.keys(row),
  values: [listOf(Object.values(row))],
});

/** Parameters of a statement, each named as its column. */
export const parametersOf = (row: Row) => ({
  params: { fields: Object.fromEntries(given(row).map(([name, value]) => [name, encode(value)])) },
  paramTypes: Object.fromEntries(
    given(row).map(([name, value]) => [name, { code: typeOf(name, value) }]),
  ),
});

const given = (row: Row) => Object.entries(row).filter(([, value]) => value !== NOW);

const typeOf = (column: string, value: Value): 'INT64' | 'TIMESTAMP' | 'STRING' =>
  typeof value === 'number' ? 'INT64' : isTime(column) ? 'TIMESTAMP' : 'STRING';

/** Rows of an answer as text, `null` for NULL. */
export function rowsOf({
  rows,
}: protos.google.spanner.v1.IResultSet): readonly (readonly (string | null)[])[] {
  return (rows ?? []).map(({ values }) => (values ?? []).map(decode));
}

function decode({ stringValue, numberValue, boolValue }: ProtoValue): string | null {
  const value = stringValue ?? numberValue ?? boolValue;
  return value === null || value === undefined ? null : String(value);
}
