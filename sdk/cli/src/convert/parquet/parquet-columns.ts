import { recordHash } from '@vantio/schema/hash';
import { type PropertySchema, recordJsonSchema } from '@vantio/schema/record-json-schema';
import type { SchemaElement } from 'hyparquet-writer';
import type { SoundLine } from '../../import/read-sound-lines.ts';
import { microsOf } from '../micros-of.ts';

/** A cell as hyparquet-writer takes it. */
export type Cell = string | bigint | boolean | object | null;

export type Column = {
  readonly element: SchemaElement;
  readonly of: (line: SoundLine) => Cell;
};

/** The line's own columns, then one for each field of a record, in alphabetical order: the same in every file. */
export function parquetColumns(): readonly Column[] {
  const { properties } = recordJsonSchema();
  return [
    required(text('record_hash'), ({ parsed }) => recordHash(parsed.canonical)),
    required(text('record_mac'), ({ parsed }) => parsed.mac),
    required(instant('received_at'), ({ parsed }) => microsOf(parsed.receivedAt)),
    required(text('received_mac'), ({ parsed }) => parsed.receivedMac),
    required(text('chain_id'), ({ chain }) => chain.id),
    required(whole('line_number'), ({ chain }) => BigInt(chain.lines)),
    // As it was signed: whoever doubts the other columns has this one.
    required(text('record'), ({ parsed }) => parsed.canonical),
    ...Object.keys(properties)
      .sort()
      .map((name) => fieldColumn(name, properties[name] as PropertySchema)),
  ];
}

function fieldColumn(name: string, schema: PropertySchema): Column {
  const column = (element: SchemaElement, read: (value: never) => Cell): Column => ({
    element: { ...element, repetition_type: 'OPTIONAL' },
    of: ({ parsed }) => {
      const value = (parsed.record as unknown as Readonly<Record<string, unknown>>)[name];
      return value === undefined ? null : read(value as never);
    },
  });
  if (schema.type === 'integer' || typeof schema.const === 'number')
    return column(whole(name), (value: number) => BigInt(value));
  if (schema.const === true) return column({ name, type: 'BOOLEAN' }, (value: boolean) => value);
  if (schema.type === 'object')
    return column({ name, type: 'BYTE_ARRAY', converted_type: 'JSON' }, (value: object) => value);
  if (/(?:^|_)at$/.test(name)) return column(instant(name), microsOf);
  return column(text(name), (value: string) => value);
}

const required = (element: SchemaElement, of: Column['of']): Column => ({
  element: { ...element, repetition_type: 'REQUIRED' },
  of,
});

const text = (name: string): SchemaElement => ({
  name,
  type: 'BYTE_ARRAY',
  converted_type: 'UTF8',
});

const whole = (name: string): SchemaElement => ({ name, type: 'INT64' });

const instant = (name: string): SchemaElement => ({
  name,
  type: 'INT64',
  logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
});
