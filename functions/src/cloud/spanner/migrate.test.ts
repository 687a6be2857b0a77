import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { Spanner } from '@google-cloud/spanner';
import { createdWithView } from '@vantio/schema/spanner/created-with';
import { ledgerDdl } from '@vantio/schema/spanner/ledger-ddl';
import { readMigrations } from '@vantio/schema/spanner/migrations';
import { createLedger, skip } from '../testing/emulated.ts';
import { MigrationError, migrate } from './migrate.ts';

const FIRST = ledgerDdl();
const NEXT = readMigrations(FIRST).length + 1;
const SECOND = `${FIRST}
-- migration ${NEXT}: something more
CREATE TABLE More (A INT64) PRIMARY KEY (A);
`;
const closing: (() => Promise<unknown>)[] = [];
after(async () => {
  for (const close of closing) await close();
});

async function migrated() {
  const { database } = await createLedger();
  closing.push(() => database.close());
  return database;
}

/** As infra/ makes it: by statements alone. */
async function created(ddl: string) {
  const migrations = readMigrations(ddl);
  const schema = [
    ...migrations.flatMap(({ statements }) => statements),
    createdWithView(migrations),
  ];
  const [database, operation] = await new Spanner({ projectId: 'vantio-local' })
    .instance('vantio')
    .createDatabase(`m${randomBytes(6).toString('hex')}`, { schema });
  await operation.promise();
  closing.push(() => database.close());
  return database;
}

test('what a database has is not applied again; what is new is, once', { skip }, async () => {
  const database = await migrated();
  assert.deepEqual(await migrate(database, FIRST), []);
  assert.deepEqual(await migrate(database, SECOND), [NEXT]);
  assert.deepEqual(await migrate(database, SECOND), []);
  const [rows] = await database.run({ sql: 'SELECT COUNT(*) AS Total FROM More', json: true });
  assert.equal((rows[0] as unknown as { Total: number }).Total, 0);
});

test('a database that was made with all statements knows them, and takes the next', {
  skip,
}, async () => {
  await migrated();
  for (const [made, due] of [
    [FIRST, [NEXT]],
    [SECOND, []],
  ] as const) {
    const database = await created(made);
    assert.deepEqual(await migrate(database, made), []);
    assert.deepEqual(await migrate(database, SECOND), due);
    assert.deepEqual(await migrate(database, SECOND), []);
  }
});

test('a migration that was edited since, or is not here, stops before anything is applied', {
  skip,
}, async () => {
  const edited = SECOND.replace('A INT64', 'A STRING(1)');
  for (const database of [await created(SECOND), await migrated()]) {
    await migrate(database, SECOND);
    await assert.rejects(migrate(database, edited), MigrationError);
    await assert.rejects(migrate(database, FIRST), MigrationError);
  }
});
