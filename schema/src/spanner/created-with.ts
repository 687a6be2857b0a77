import type { Migration } from './migrations.ts';

export const CREATED_WITH = 'CreatedWith';

/**
 * A view that holds, as constants, the migrations that a database was made with. Whoever makes a database from their
 * statements can run DDL only, and insert no row that would say so.
 */
export const createdWithView = (migrations: readonly Migration[]): string =>
  `CREATE VIEW ${CREATED_WITH} SQL SECURITY INVOKER AS SELECT m.Number, m.Sha256 FROM UNNEST([${migrations
    .map(({ number, sha256 }) => `STRUCT(${number} AS Number, '${sha256}' AS Sha256)`)
    .join(', ')}]) AS m`;
