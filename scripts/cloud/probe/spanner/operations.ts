import type { Code } from './answer.ts';
import type { Need } from './grants.ts';
import type { SpannerSession } from './open-spanner.ts';
import type { Table } from './tables.ts';
import { NOW, type Row } from './values.ts';

/** One way to touch a table. */
export type Operation = {
  readonly name: string;
  /** All of these are needed to do it. */
  readonly needs: (table: Table) => readonly Need[];
  /** How one who may is answered; see `Table` for why none of these changes anything. */
  readonly understood: readonly Code[];
  readonly attempt: (session: SpannerSession, table: Table) => Promise<unknown>;
  /** The grants do not say whether a role with INSERT alone may do it: seen and reported, and not judged. */
  readonly openWithInsertOnly?: true;
};

const INSERT: Need = { privilege: 'INSERT' };
const UPDATE: Need = { privilege: 'UPDATE' };
const DELETE: Need = { privilege: 'DELETE' };

/** What the database says to a row that it takes from nobody. */
const IMPOSSIBLE = ['OUT_OF_RANGE', 'FAILED_PRECONDITION'] as const;

const selectOf = (row: Row): Need => ({ privilege: 'SELECT', columns: Object.keys(row) });
const firstOf = (row: Row): string => Object.keys(row)[0] ?? '';
const where = (row: Row): string =>
  Object.keys(row)
    .map((column) => `${column} = @${column}`)
    .join(' AND ');

function insertDml(verb: string, { name, impossible }: Table): string {
  const values = Object.entries(impossible).map(([column, value]) =>
    value === NOW ? 'PENDING_COMMIT_TIMESTAMP()' : `@${column}`,
  );
  return `${verb} INTO ${name} (${Object.keys(impossible).join(', ')}) VALUES (${values.join(', ')})`;
}

export const OPERATIONS: readonly Operation[] = [
  {
    name: 'SELECT',
    needs: ({ nobody }) => [selectOf(nobody)],
    understood: ['OK'],
    attempt: (session, { name, nobody }) =>
      session.query(`SELECT 1 FROM ${name} WHERE ${where(nobody)}`, nobody),
  },
  {
    // What a role with rights on a few columns may do in any case.
    name: 'SELECT of the first key column',
    needs: ({ nobody }) => [{ privilege: 'SELECT', columns: [firstOf(nobody)] }],
    understood: ['OK'],
    attempt: (session, { name, nobody }) =>
      session.query(`SELECT ${firstOf(nobody)} FROM ${name} LIMIT 0`),
  },
  {
    name: 'SELECT of a value',
    needs: ({ change }) => [selectOf(change)],
    understood: ['OK'],
    attempt: (session, { name, change }) =>
      session.query(`SELECT ${Object.keys(change).join(', ')} FROM ${name} LIMIT 0`),
  },
  {
    name: 'reading by key',
    needs: ({ nobody }) => [selectOf(nobody)],
    understood: ['OK'],
    attempt: (session, { name, nobody }) =>
      session.read(name, Object.keys(nobody), Object.values(nobody)),
  },
  {
    name: 'INSERT',
    needs: () => [INSERT],
    understood: IMPOSSIBLE,
    attempt: (session, { name, impossible }) => session.mutate('insert', name, impossible),
  },
  {
    name: 'UPDATE',
    needs: () => [UPDATE],
    understood: ['NOT_FOUND'],
    attempt: (session, { name, nobody, change }) =>
      session.mutate('update', name, { ...nobody, ...change }),
  },
  {
    name: 'insert-or-update',
    needs: () => [INSERT, UPDATE],
    understood: IMPOSSIBLE,
    attempt: (session, { name, impossible }) => session.mutate('insertOrUpdate', name, impossible),
  },
  {
    name: 'replace',
    needs: () => [INSERT, UPDATE, DELETE],
    understood: IMPOSSIBLE,
    attempt: (session, { name, impossible }) => session.mutate('replace', name, impossible),
  },
  {
    name: 'DELETE',
    needs: () => [DELETE],
    understood: ['OK'],
    attempt: (session, { name, nobody }) => session.mutate('delete', name, nobody),
  },
  {
    name: 'DML INSERT',
    needs: () => [INSERT],
    understood: IMPOSSIBLE,
    attempt: (session, table) => session.attemptDml(insertDml('INSERT', table), table.impossible),
    openWithInsertOnly: true,
  },
  {
    name: 'DML INSERT OR IGNORE',
    needs: () => [INSERT],
    understood: IMPOSSIBLE,
    attempt: (session, table) =>
      session.attemptDml(insertDml('INSERT OR IGNORE', table), table.impossible),
    openWithInsertOnly: true,
  },
  {
    name: 'DML INSERT OR UPDATE',
    needs: () => [INSERT, UPDATE],
    understood: IMPOSSIBLE,
    attempt: (session, table) =>
      session.attemptDml(insertDml('INSERT OR UPDATE', table), table.impossible),
  },
  {
    name: 'DML UPDATE',
    needs: ({ nobody }) => [UPDATE, selectOf(nobody)],
    understood: ['OK'],
    attempt: (session, { name, nobody, change }) =>
      session.attemptDml(
        `UPDATE ${name} SET ${where(change).replaceAll(' AND ', ', ')} WHERE ${where(nobody)}`,
        { ...nobody, ...change },
      ),
  },
  {
    name: 'DML DELETE',
    needs: ({ nobody }) => [DELETE, selectOf(nobody)],
    understood: ['OK'],
    attempt: (session, { name, nobody }) =>
      session.attemptDml(`DELETE FROM ${name} WHERE ${where(nobody)}`, nobody),
  },
];
