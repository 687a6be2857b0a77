import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeApiKey, receivedKey } from '@vantio/schema';
import { exportLedger } from '../export/export-ledger.ts';
import { createCommit } from '../spanner/commit.ts';
import { createStoreOnce } from '../spanner/store-once.ts';
import { createLedger, skip } from '../testing/emulated.ts';
import { disclosingSession, entriesOf } from '../testing/entries.ts';
import { keymaker } from '../testing/records.ts';
import { type ImportDatabase, openImportDatabase } from './import-database.ts';
import type { ImportEntry } from './import-entry.ts';
import { ImportRefusedError, importLedger } from './import-ledger.ts';
import { recordImports } from './record-imports.ts';

const ledger = skip ? undefined : await createLedger();
const opened = ledger && (await openImportDatabase(ledger.database));
const database: ImportDatabase = opened ?? {
  insert: () => Promise.reject(new Error('no database')),
  linesThere: () => Promise.reject(new Error('no database')),
  isComplete: () => Promise.reject(new Error('no database')),
};

let tenants = 0;
const newKey = (): string =>
  makeApiKey({ tenantId: `t${tenants++}`, plan: 'paid' }, keymaker.privateKey);

async function count(table: string, { line }: ImportEntry): Promise<number> {
  const [rows] = (await ledger?.database.run({
    sql: `SELECT COUNT(*) AS N FROM ${table} WHERE TenantId = @tenantId`,
    params: { tenantId: line.TenantId },
    json: true,
  })) ?? [[]];
  return Number((rows as unknown as readonly { N: number }[])[0]?.N);
}

const first = (entries: readonly ImportEntry[]): ImportEntry => {
  const [entry] = entries;
  assert.ok(entry);
  return entry;
};

async function tables(entries: readonly ImportEntry[]): Promise<readonly number[]> {
  const names = ['TrueTimeLedger', 'Disclosures', 'ImportedLines', 'Imports'];
  return Promise.all(names.map((name) => count(name, first(entries))));
}

const summary = ({
  lines,
  already,
  records,
  duplicates,
  disclosures,
}: Record<string, unknown>) => ({
  lines,
  already,
  records,
  duplicates,
  disclosures,
});

test('lines, records and disclosures are there once, however often they are imported', {
  skip,
}, async () => {
  const key = newKey();
  const entries = entriesOf(key, disclosingSession(key, 30));
  const counted = { lines: 30, already: 0, records: 30, duplicates: 0, disclosures: 29 };
  const dry = await importLedger({ database, entries, dryRun: true });
  assert.deepEqual(summary(dry), counted);
  assert.deepEqual(await tables(entries), [0, 0, 0, 0]);
  assert.deepEqual(summary(await importLedger({ database, entries })), counted);
  assert.deepEqual(await tables(entries), [30, 29, 30, 0]);
  assert.deepEqual(summary(await importLedger({ database, entries })), {
    ...counted,
    already: 30,
    records: 0,
    disclosures: 0,
  });
  assert.deepEqual(await tables(entries), [30, 29, 30, 0]);
});

test('an import that is broken off anywhere goes on where it was', { skip }, async () => {
  const key = newKey();
  const entries = entriesOf(key, disclosingSession(key, 1000));
  let commits = 0;
  // The second commit happens, and its answer is lost: as when the process is killed in that moment.
  const dying: ImportDatabase = {
    ...database,
    insert: async (inserts) => {
      const outcome = await database.insert(inserts);
      if (++commits === 2) throw new Error('killed');
      return outcome;
    },
  };
  await assert.rejects(importLedger({ database: dying, entries }), /killed/);
  const [left = 0] = await tables(entries);
  assert.ok(left > 0 && left < 1000);
  const { already, records } = await importLedger({ database, entries });
  assert.deepEqual({ already, records }, { already: left, records: 1000 - left });
  assert.deepEqual(await tables(entries), [1000, 999, 1000, 0]);
});

test('a record that came by ingest is not there twice, its line is kept, and what was erased stays erased', {
  skip,
}, async () => {
  const key = newKey();
  const entries = entriesOf(key, disclosingSession(key, 20));
  assert.ok(ledger);
  const storeOnce = createStoreOnce({ commit: await createCommit(ledger.database) });
  await storeOnce(entries.slice(5, 9).map(({ rows }) => rows));
  await ledger.database.runTransactionAsync(async (transaction) => {
    await transaction.runUpdate({
      sql: 'DELETE FROM Disclosures WHERE TenantId = @tenantId',
      params: { tenantId: first(entries).line.TenantId },
    });
    await transaction.commit();
  });
  assert.deepEqual(summary(await importLedger({ database, entries })), {
    lines: 20,
    already: 0,
    records: 16,
    duplicates: 4,
    disclosures: 15,
  });
  assert.deepEqual(await tables(entries), [20, 15, 20, 0]);
});

test('a file and its copy that went on otherwise stand side by side, with their conflicting records', {
  skip,
}, async () => {
  const key = newKey();
  const envelopes = disclosingSession(key, 10);
  const entries = entriesOf(key, envelopes);
  const [start, ...others] = disclosingSession(key, 6);
  assert.ok(start);
  const forked = entriesOf(key, [...envelopes.slice(0, 5), start, ...others]);
  assert.equal(first(forked).line.ChainId, first(entries).line.ChainId);
  await importLedger({ database, entries });
  const { already, records } = await importLedger({ database, entries: forked });
  assert.deepEqual({ already, records }, { already: 5, records: 6 });
  assert.deepEqual((await tables(entries)).slice(0, 3), [16, 14, 16]);
});

test('what the database will not take stops the import at its line, and what stood before it stays', {
  skip,
}, async () => {
  const key = newKey();
  const entries = entriesOf(key, disclosingSession(key, 20)).map((entry, at) =>
    at === 12
      ? { ...entry, rows: { ...entry.rows, ledger: { ...entry.rows.ledger, Record: '{}' } } }
      : entry,
  );
  await assert.rejects(importLedger({ database, entries }), (error: unknown) => {
    assert.ok(error instanceof ImportRefusedError);
    return error.message.includes('line 13 of chain');
  });
  assert.equal((await tables(entries))[0], 12);
});

test('that an import is complete is written down once, with a record if a key is given', {
  skip,
}, async () => {
  const key = newKey();
  const entries = entriesOf(key, disclosingSession(key, 8));
  const { imports } = await importLedger({ database, entries });
  assert.deepEqual(
    imports.map(({ ChainLines, TenantLines }) => [ChainLines, TenantLines]),
    [[8, 8]],
  );
  const operator = makeApiKey({ tenantId: 'vantio', plan: 'control' }, keymaker.privateKey);
  const made = await recordImports(database, imports, operator);
  assert.equal(made.length, 1);
  assert.deepEqual(await recordImports(database, imports, operator), []);
  assert.deepEqual(await recordImports(database, imports, undefined), []);
  const [rows] = (await ledger?.database.run({
    sql: `SELECT i.RecordHash, l.Records, l.SubjectTenantId, JSON_VALUE(l.Record, '$.import_origin') AS Origin
      FROM Imports AS i JOIN TrueTimeLedger AS l ON l.TenantId = 'vantio' AND l.RecordHash = i.RecordHash
      WHERE i.TenantId = @tenantId`,
    params: { tenantId: first(entries).line.TenantId },
    json: true,
  })) ?? [[]];
  assert.deepEqual(rows, [
    {
      RecordHash: made[0],
      Records: 8,
      SubjectTenantId: first(entries).line.TenantId,
      Origin: `ndjson:${first(entries).line.ChainId}`,
    },
  ]);
});

test('an export gives imported lines back in the order of their file, with their disclosures', {
  skip,
}, async () => {
  const key = newKey();
  // Two sessions that take turns: by session and place they would come apart.
  const [one, two] = [disclosingSession(key, 300), disclosingSession(key, 300)];
  const envelopes = one.flatMap((envelope, at) => [envelope, two[at] ?? envelope]);
  const entries = entriesOf(key, envelopes);
  await importLedger({ database, entries });
  assert.ok(ledger);
  const { TenantId, ...line } = first(entries).line;
  const keyId = JSON.parse(first(entries).rows.ledger.Record).key_id;
  const exported: string[] = [];
  let disclosures = 0;
  for await (const { line: text, disclosures: values } of exportLedger({
    database: ledger.database,
    tenantId: TenantId,
    receivedKeys: new Map([[keyId, receivedKey(key)]]),
  })) {
    exported.push(text);
    disclosures += values.length;
  }
  assert.equal(disclosures, 598);
  assert.ok(exported[0]?.includes(`"received_mac":"${line.ReceivedMac}"`));
  assert.deepEqual(
    exported.map((text) => JSON.parse(text).received_mac),
    entries.map((entry) => entry.line.ReceivedMac),
  );
});
