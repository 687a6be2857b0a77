/**
 * Brings a ledger to the newest schema: node scripts/cloud/migrate.ts projects/P/instances/I/databases/D. Runs as whoever
 * the Application Default Credentials name, under the database role `migrator`.
 */
import { readFileSync } from 'node:fs';
import { applyRoles, MigrationError, migrate, openDatabase } from '@vantio/functions/cloud';

const PATH = /^projects\/[^/]+\/instances\/[^/]+\/databases\/[^/]+$/;
const [path = '', ...more] = process.argv.slice(2);
if (!PATH.test(path) || more.length > 0) {
  console.error('usage: scripts/migrate projects/PROJECT/instances/vantio/databases/vantio');
  process.exit(64);
}

const schema = (name: string): string =>
  readFileSync(new URL(`../../schema/${name}`, import.meta.url), 'utf8');
// The emulator knows no roles.
const emulated = process.env.SPANNER_EMULATOR_HOST !== undefined;
const database = await openDatabase({
  path,
  role: emulated ? undefined : 'migrator',
  concurrency: 1,
});
try {
  const applied = await migrate(database, schema('spanner_ledger.ddl'));
  for (const number of applied) console.log(`migration ${number} is applied`);
  if (applied.length === 0) console.log('no migration is due');
  if (!emulated)
    console.log(
      `${await applyRoles(database, schema('spanner_roles.ddl'))} statements of roles are applied`,
    );
} catch (error) {
  if (!(error instanceof MigrationError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await database.close();
}
