import type { ComplianceQuery } from '@vantio/schema/queries/read-query';
import type { Answer, Value } from '../spanner-rest.ts';

/** Rows as tab-separated text with a heading, ids and hashes by the names that people know them by. */
export function renderRows(
  { columns }: ComplianceQuery,
  { rows }: Pick<Answer, 'rows'>,
  names: ReadonlyMap<string, string>,
): string {
  const heading = columns.map(({ name }) => name);
  const lines = rows.map((row) =>
    columns.map(({ name, type }) => cell(type, row[name] ?? null, names)),
  );
  return [heading, ...lines].map((cells) => `${cells.join('\t')}\n`).join('');
}

function cell(type: string, value: Value, names: ReadonlyMap<string, string>): string {
  if (value === null) return 'NULL';
  if (type === 'TIMESTAMP') return instant(String(value));
  return names.get(String(value)) ?? String(value);
}

/** Engines differ in how many zeros end a fraction; microseconds hold all of it. */
const instant = (text: string): string =>
  text.replace(/(?:\.(\d+))?Z$/, (_, fraction = '') => `.${fraction.padEnd(6, '0')}Z`);
