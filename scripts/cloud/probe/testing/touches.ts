import { protos } from '@google-cloud/spanner';
import type { Need } from '../spanner/grants.ts';

const { ExecuteSqlRequest, ReadRequest, CommitRequest } = protos.google.spanner.v1;

/** One thing that a request does to one table, and what Spanner would want for it. */
export type Touch = {
  readonly via: 'query' | 'read' | 'mutation' | 'dml';
  /** As in a mutation or a statement: `insertOrUpdate`, `INSERT OR IGNORE`. */
  readonly kind: string;
  readonly table: string;
  readonly needs: readonly Need[];
};

export type Request = { readonly session: string; readonly touches: readonly Touch[] };

export const TABLES = [
  'TrueTimeLedger',
  'Disclosures',
  'Policies',
  'Members',
  'Checkpoints',
  'Migrations',
  'ImportedLines',
  'Imports',
  'Leaves',
  'Cosignatures',
  'SpendBuckets',
  'LeaseRecords',
  'SignerRecords',
  'Rotations',
];

const MUTATIONS: Readonly<Record<string, readonly Need[]>> = {
  insert: [{ privilege: 'INSERT' }],
  update: [{ privilege: 'UPDATE' }],
  insertOrUpdate: [{ privilege: 'INSERT' }, { privilege: 'UPDATE' }],
  replace: [{ privilege: 'INSERT' }, { privilege: 'UPDATE' }, { privilege: 'DELETE' }],
  delete: [{ privilege: 'DELETE' }],
};

export function ofSql(bytes: Buffer): Request {
  const { session, sql } = ExecuteSqlRequest.decode(bytes);
  const [, verb, changed] =
    /^(INSERT OR IGNORE|INSERT OR UPDATE|INSERT|UPDATE|DELETE)(?: INTO| FROM)? (\w+)/.exec(sql) ??
    [];
  // Names of columns and tables have small letters in them, keywords have none; a parameter is no column.
  const words = [...sql.matchAll(/(?<![@\w])[A-Z][a-z]\w*/g)].map(([word]) => word);
  const columns = words.filter((word) => !TABLES.includes(word));
  const select: Need = { privilege: 'SELECT', columns };
  if (verb === undefined || changed === undefined)
    return {
      session,
      touches: TABLES.filter((table) => words.includes(table)).map((table) => ({
        via: 'query',
        kind: 'SELECT',
        table,
        needs: [select],
      })),
    };
  const needs: Readonly<Record<string, readonly Need[]>> = {
    INSERT: MUTATIONS.insert ?? [],
    'INSERT OR IGNORE': MUTATIONS.insert ?? [],
    'INSERT OR UPDATE': MUTATIONS.insertOrUpdate ?? [],
    UPDATE: [{ privilege: 'UPDATE' }, select],
    DELETE: [{ privilege: 'DELETE' }, select],
  };
  return {
    session,
    touches: [{ via: 'dml', kind: verb, table: changed, needs: needs[verb] ?? [] }],
  };
}

export function ofRead(bytes: Buffer): Request {
  const { session, table, columns } = ReadRequest.decode(bytes);
  const needs = [{ privilege: 'SELECT', columns }] as const;
  return { session, touches: [{ via: 'read', kind: 'read', table, needs }] };
}

export function ofCommit(bytes: Buffer): Request {
  const { session, mutations } = CommitRequest.decode(bytes);
  return {
    session,
    touches: mutations.flatMap((mutation) =>
      Object.entries(MUTATIONS).flatMap(([kind, needs]) => {
        const table = (mutation as Record<string, { readonly table?: string } | null | undefined>)[
          kind
        ]?.table;
        return table ? [{ via: 'mutation' as const, kind, table, needs }] : [];
      }),
    ),
  };
}
