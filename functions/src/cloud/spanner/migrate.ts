import type { Database } from '@google-cloud/spanner';
import { CREATED_WITH } from '@vantio/schema/spanner/created-with';
import { type Migration, readMigrations } from '@vantio/schema/spanner/migrations';

/** A migration that the database has was edited since, or the database is ahead of the file. Nothing was applied. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
  readonly code = 'migration_edited';
}

type Applied = { readonly Number: number; readonly Sha256: string };

/**
 * Brings a database to the newest migration, forward only, one by one. For the deploy identity: no runtime may change DDL.
 * A migration that stops halfway is not undone and not noted: what is missing of it is then applied by hand.
 * @param ddl text of schema/spanner_ledger.ddl.
 * @returns numbers of the migrations applied now.
 * @throws {MigrationError}
 */
export async function migrate(database: Database, ddl: string): Promise<readonly number[]> {
  const migrations = readMigrations(ddl);
  const applied = await appliedTo(database);
  for (const { Number: number, Sha256 } of applied)
    if (migrations[number - 1]?.sha256 !== Sha256)
      throw new MigrationError(
        `migration ${number} is not the one this database has; migrations are never edited: add a new one`,
      );
  const due = migrations.slice(applied.length);
  for (const migration of due) await apply(database, migration);
  return due.map(({ number }) => number);
}

async function appliedTo(database: Database): Promise<readonly Applied[]> {
  const [tables] = await database.run({
    sql: `SELECT TABLE_NAME AS Name FROM INFORMATION_SCHEMA.TABLES
      WHERE TABLE_SCHEMA = '' AND TABLE_NAME IN ('Migrations', '${CREATED_WITH}')`,
    json: true,
  });
  if (tables.length === 0) return [];
  const [rows] = await database.run({
    sql: `${(tables as unknown as readonly { readonly Name: string }[])
      .map(({ Name }) => `SELECT Number, Sha256 FROM ${Name}`)
      .join(' UNION DISTINCT ')} ORDER BY Number`,
    json: true,
  });
  return rows as unknown as readonly Applied[];
}

async function apply(database: Database, { number, sha256, statements }: Migration): Promise<void> {
  const [operation] = await database.updateSchema([...statements]);
  await operation.promise();
  await database.table('Migrations').insert({
    Number: number,
    Sha256: sha256,
    AppliedAt: 'spanner.commit_timestamp()',
  });
}
