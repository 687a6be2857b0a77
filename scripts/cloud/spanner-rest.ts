import { randomUUID } from 'node:crypto';

/** The types that our queries use, by Spanner's names. */
export type SpannerType = 'BOOL' | 'DATE' | 'FLOAT64' | 'INT64' | 'JSON' | 'STRING' | 'TIMESTAMP';
export type Value = string | number | boolean | null;
export type Row = Readonly<Record<string, Value>>;
export type Parameters = Readonly<Record<string, { type: SpannerType; value: string }>>;
export type Answer = {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly Row[];
};

type ResultSet = {
  metadata: { rowType: { fields?: { name: string; type: { code: string } }[] } };
  rows?: (string | boolean | number | null)[][];
};

/** A new database in an emulator, in an instance of its own, over its REST interface: enough to lay down a schema, insert rows and query. */
export async function createDatabase(rest: string, statements: readonly string[]) {
  const post = async <Body>(path: string, body: object): Promise<Body> => {
    const response = await fetch(`${rest}/v1/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${text}`);
    return JSON.parse(text) as Body;
  };
  const instanceId = `queries-${randomUUID()}`;
  const parent = `projects/test/instances/${instanceId}`;
  await post('projects/test/instances', {
    instanceId,
    instance: { config: 'projects/test/instanceConfigs/emulator-config', nodeCount: 1 },
  });
  const made = await post<{ error?: { message: string } }>(`${parent}/databases`, {
    createStatement: 'CREATE DATABASE `vantio`',
    extraStatements: statements,
  });
  if (made.error) throw new Error(made.error.message);
  const session = await post<{ name: string }>(`${parent}/databases/vantio/sessions`, {});

  /** All rows must have the same columns. */
  const insert = async (table: string, rows: readonly Row[]): Promise<void> => {
    const columns = Object.keys(rows[0] ?? {});
    const values = rows.map((row) => columns.map((column) => text(row[column] ?? null)));
    await post(`${session.name}:commit`, {
      singleUseTransaction: { readWrite: {} },
      mutations: [{ insert: { table, columns, values } }],
    });
  };

  const query = async (sql: string, parameters: Parameters = {}): Promise<Answer> => {
    const entries = Object.entries(parameters);
    const { metadata, rows = [] } = await post<ResultSet>(`${session.name}:executeSql`, {
      sql,
      params: Object.fromEntries(entries.map(([name, { value }]) => [name, value])),
      paramTypes: Object.fromEntries(entries.map(([name, { type }]) => [name, { code: type }])),
    });
    const columns = (metadata.rowType.fields ?? []).map(({ name, type }) => ({
      name,
      type: type.code,
    }));
    return {
      columns,
      rows: rows.map((row) =>
        Object.fromEntries(
          columns.map(({ name, type }, at) => [name, read(type, row[at] ?? null)]),
        ),
      ),
    };
  };
  const drop = async (): Promise<void> => {
    await fetch(`${rest}/v1/${parent}/databases/vantio`, { method: 'DELETE' });
  };
  return { insert, query, drop };
}

export type Database = Awaited<ReturnType<typeof createDatabase>>;

// In Spanner's JSON a 64-bit integer is a string.
const text = (value: Value): Value => (typeof value === 'number' ? String(value) : value);
const read = (type: string, value: Value): Value =>
  type === 'INT64' && value !== null ? Number(value) : value;
