import type { Database } from '@google-cloud/spanner';
import { type Migration, readMigrations } from '@vantio/schema/spanner/migrations';

/** A migration that the database has was edited since, or the database is ahead of the file. Nothing was applied. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
  readonly code = 'migration_edited';
}

type Applied = { readonly Number: number; readonly Sha256: string };

/**
 * Brings a database to the newest migration, forward only, one by one. For the deploy identity: no runtime may change DDL.
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
  const [tables] = await database.run(
    "SELECT 1 AS Found FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = 'Migrations'",
  );
  if (tables.length === 0) return [];
  const [rows] = await database.run({
    sql: 'SELECT Number, Sha256 FROM Migrations ORDER BY Number',
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
