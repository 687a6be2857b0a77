import type { Duplex } from 'node:stream';
import { LOADED_COLUMNS, type LoadedTable } from '@vantio/schema/spanner/loaded-columns';

/**
 * Rows as Avro. Timestamps are text, which the template parses: as microseconds, years from 2255 on would not fit in what
 * JavaScript and some readers hold exactly.
 */
export const avroSchema = (table: LoadedTable) => ({
  type: 'record' as const,
  name: table,
  namespace: 'vantio',
  fields: LOADED_COLUMNS[table].map(({ name, type }) => ({
    name,
    type: type === 'INT64' ? ('long' as const) : ('string' as const),
    sqlType: type === 'STRING' ? 'STRING(MAX)' : type,
  })),
});

export async function avroEncoder(table: LoadedTable): Promise<Duplex> {
  const { default: avro } = await import('avsc');
  return new avro.streams.BlockEncoder(avroSchema(table), { codec: 'deflate' });
}

/** Rows as CSV by RFC 4180, but for its line ends: no header, each value quoted, `\n` between rows. */
export async function csvEncoder(table: LoadedTable): Promise<Duplex> {
  const { stringify } = await import('csv-stringify');
  const columns = LOADED_COLUMNS[table].map(({ name }) => name);
  return stringify({ columns, header: false, quoted: true, record_delimiter: '\n' });
}
