import { type protos, v1 } from '@google-cloud/spanner';
import type { ClientOptions } from 'google-gax';
import { listOf, parametersOf, type Row, rowsOf, type Value, writeOf } from './values.ts';

type Mutation = protos.google.spanner.v1.IMutation;
type Transaction = protos.google.spanner.v1.ITransactionSelector;

export type MutationKind = 'insert' | 'update' | 'insertOrUpdate' | 'replace' | 'delete';

/** A session: under one database role, or under none. */
export type SpannerSession = {
  readonly query: (sql: string, given?: Row) => Promise<readonly (readonly (string | null)[])[]>;
  readonly read: (
    table: string,
    columns: readonly string[],
    key: readonly Value[],
  ) => Promise<void>;
  /** One mutation, committed. */
  readonly mutate: (kind: MutationKind, table: string, row: Row) => Promise<void>;
  readonly insert: (rows: readonly (readonly [table: string, row: Row])[]) => Promise<void>;
  /** Runs DML in a transaction that is always rolled back, and never committed if that fails. */
  readonly attemptDml: (sql: string, given: Row) => Promise<void>;
};

/** The database as one identity sees it. */
export type Spanner = {
  /** @throws what the database said; a role that this identity may not be is PERMISSION_DENIED, and so is one that does not exist. */
  readonly openSession: (role?: string) => Promise<SpannerSession>;
  /** Resolves when the schema has changed. */
  readonly updateDdl: (statement: string) => Promise<void>;
  /** Of these IAM permissions on the database, the ones that this identity holds. */
  readonly heldPermissions: (asked: readonly string[]) => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
};

// The generated clients, not the hand-written one: it would retry, begin sessions of its own and keep them by name.
const CALL = { timeout: 20_000, retry: null } as const;

/** @param database projects/P/instances/I/databases/D */
export function openSpanner(database: string, options: ClientOptions): Spanner {
  const client = new v1.SpannerClient(options);
  const admin = new v1.DatabaseAdminClient(options);
  const sessions: string[] = [];

  const openSession = async (role?: string): Promise<SpannerSession> => {
    const wanted = role === undefined ? {} : { creatorRole: role };
    const [{ name }] = await client.createSession({ database, session: wanted }, CALL);
    if (!name) throw new Error('a session without a name');
    sessions.push(name);
    return sessionOf(name);
  };

  const sessionOf = (session: string): SpannerSession => {
    const execute = async (sql: string, given: Row, transaction: Transaction, seqno = 0) => {
      const request = { session, sql, transaction, seqno, ...parametersOf(given) };
      const [result] = await client.executeSql(request, CALL);
      return rowsOf(result);
    };
    const commit = async (mutations: readonly Mutation[]): Promise<void> => {
      const singleUseTransaction = { readWrite: {} };
      await client.commit({ session, singleUseTransaction, mutations: [...mutations] }, CALL);
    };
    return {
      query: (sql, given = {}) =>
        execute(sql, given, { singleUse: { readOnly: { strong: true } } }),
      read: async (table, columns, key) => {
        const keySet = { keys: [listOf(key)] };
        await client.read({ session, table, columns: [...columns], keySet }, CALL);
      },
      mutate: (kind, table, row) => commit([mutationOf(kind, table, row)]),
      insert: (rows) => commit(rows.map(([table, row]) => mutationOf('insert', table, row))),
      attemptDml: async (sql, given) => {
        const [{ id }] = await client.beginTransaction(
          { session, options: { readWrite: {} } },
          CALL,
        );
        if (!id) throw new Error('a transaction without an id');
        try {
          await execute(sql, given, { id }, 1);
        } finally {
          // Even if this is lost, nothing commits the transaction: the database drops it when it has been idle.
          await client.rollback({ session, transactionId: id }, CALL).catch(() => {});
        }
      },
    };
  };

  return {
    openSession,
    updateDdl: async (statement) => {
      const [operation] = await admin.updateDatabaseDdl(
        { database, statements: [statement] },
        CALL,
      );
      await operation.promise();
    },
    heldPermissions: async (asked) => {
      const request = { resource: database, permissions: [...asked] };
      const [{ permissions }] = await admin.testIamPermissions(request, CALL);
      return permissions ?? [];
    },
    close: async () => {
      await Promise.allSettled(sessions.map((name) => client.deleteSession({ name }, CALL)));
      await Promise.allSettled([client.close(), admin.close()]);
    },
  };
}

const mutationOf = (kind: MutationKind, table: string, row: Row): Mutation =>
  kind === 'delete'
    ? { delete: { table, keySet: { keys: [listOf(Object.values(row))] } } }
    : { [kind]: writeOf(table, row) };
