import { REQUIRED_FIELDS } from '../common-fields.ts';
import { INSTANT } from '../generated/validate-record.ts';
import { type PropertySchema, recordJsonSchema } from '../record-json-schema.ts';
import { columnName, QUERIED_FIELDS } from './ledger-columns.ts';

const { properties } = recordJsonSchema();
const REQUIRED: ReadonlySet<string> = new Set(REQUIRED_FIELDS);

/** `Name TYPE AS (…) STORED` for each queried field. */
export const generatedColumns = (): readonly string[] =>
  QUERIED_FIELDS.map((field) => {
    const schema = schemaOf(field);
    const value =
      schema.type === 'object'
        ? `JSON_QUERY(Record, '$.${field}')`
        : `JSON_VALUE(Record, '$.${field}')`;
    const type = typeOf(schema);
    const expression = type === 'STRING(MAX)' ? value : `CAST(${value} AS ${type})`;
    const presence = REQUIRED.has(field) ? ' NOT NULL' : '';
    return `${columnName(field)} ${type}${presence} AS (${expression}) STORED`;
  });

/**
 * The alphabet, list or bounds of every queried field; an absent one (NULL) passes. For one CHECK: an engine judges one of
 * many terms faster than many of one.
 */
export const generatedConditions = (): readonly string[] =>
  QUERIED_FIELDS.flatMap((field) => {
    const condition = conditionOf(columnName(field), schemaOf(field));
    return condition === undefined ? [] : [condition];
  });

/** The condition a value of the field meets, in GoogleSQL. */
export function conditionOf(name: string, schema: PropertySchema): string | undefined {
  if (schema.enum) return `${name} IN (${schema.enum.map((word) => `'${word}'`).join(', ')})`;
  if (schema.type === 'integer')
    return `${name} BETWEEN ${schema.minimum ?? 0} AND ${schema.maximum}`;
  // What is no instant is no TIMESTAMP either.
  if (schema.pattern === undefined || isInstant(schema)) return undefined;
  return `REGEXP_CONTAINS(${name}, r'${schema.pattern}')`;
}

export function schemaOf(field: string): PropertySchema {
  const schema = properties[field];
  if (!schema) throw new Error(`${field} is no field of a record`);
  return schema;
}

const isInstant = ({ pattern }: PropertySchema): boolean => pattern === INSTANT.source;

function typeOf(schema: PropertySchema): string {
  if (schema.type === 'integer') return 'INT64';
  return isInstant(schema) ? 'TIMESTAMP' : 'STRING(MAX)';
}
