import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Database } from '@google-cloud/spanner';
import { openErasureDatabase } from './erasure-database.ts';

const DDL = new URL('../../../../schema/', import.meta.url);

/** The emulator knows no roles, so the statements are held to the grant as it is written. */
test('what it reads is what the role eraser may read: keys of disclosures, and no value', async () => {
  const roles = readFileSync(new URL('spanner_roles.ddl', DDL), 'utf8');
  const ledger = readFileSync(new URL('spanner_ledger.ddl', DDL), 'utf8');
  const [, granted = ''] =
    /GRANT SELECT\(([^)]+)\), DELETE ON TABLE Disclosures TO ROLE eraser;/.exec(roles) ?? [];
  const [, table = ''] = /CREATE TABLE Disclosures \(([\s\S]+?)\n\)/.exec(ledger) ?? [];
  const columns = [...table.matchAll(/^ {2}([A-Z]\w+) (?:STRING|TIMESTAMP)/gm)].map(
    ([, name]) => name,
  );
  assert.ok(columns.includes('Value') && columns.includes('Salt'));
  const asked: string[] = [];
  const recorder = {
    run: async ({ sql }: { readonly sql: string }) => {
      asked.push(sql);
      return [[]];
    },
  } as unknown as Database;
  const database = await openErasureDatabase(recorder, {
    tenantId: 'acme',
    eventIds: new Set(['x']),
    traceId: 'x',
    field: 'agent_name',
    before: 1,
  });
  await database.count();
  await database.find(1);
  assert.equal(asked.length, 2);
  for (const sql of asked) {
    assert.ok(!sql.includes('*'));
    assert.deepEqual(sql.match(/(?:FROM|JOIN) \w+/g), ['FROM Disclosures']);
    const read = columns.filter((name) => new RegExp(`\\b${name}\\b`).test(sql));
    assert.ok(read.length >= 4);
    assert.ok(
      read.every((name) => granted.split(', ').includes(`${name}`)),
      sql,
    );
  }
});
