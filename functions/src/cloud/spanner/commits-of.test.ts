import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ledgerDdl } from '@vantio/schema/spanner/ledger-ddl';
import type { LedgerRows } from '@vantio/schema/spanner/ledger-row';
import { commitsOf, DISCLOSURE_MUTATIONS, LEDGER_MUTATIONS } from './commits-of.ts';

const ddl = ledgerDdl();

/** Columns of a table, and of each of its indexes: those that it names, and the table's key. */
function mutationsOf(table: string): number {
  const [, body = '', key = ''] =
    new RegExp(
      `CREATE TABLE ${table} \\(\\n([\\s\\S]*?)\\n  CONSTRAINT[\\s\\S]*?\\n\\) PRIMARY KEY \\((.*?)\\);`,
    ).exec(ddl) ?? [];
  const columns = body.match(/^ {2}[A-Z]\w+ (STRING|INT64|TIMESTAMP|BOOL|DATE|JSON)\b/gm) ?? [];
  const keys = key.split(', ').length;
  const indexes = [...ddl.matchAll(new RegExp(`CREATE INDEX \\w+ ON ${table} \\((.*?)\\)`, 'g'))];
  return indexes.reduce(
    (sum, [, named = '']) => sum + named.split(', ').length + keys,
    columns.length,
  );
}

test('a row makes no more mutations than are reckoned', () => {
  const [ledger, disclosure] = [mutationsOf('TrueTimeLedger'), mutationsOf('Disclosures')];
  assert.ok(ledger > 60 && ledger <= LEDGER_MUTATIONS, `${ledger}`);
  assert.equal(disclosure, DISCLOSURE_MUTATIONS);
});

test('every record is in one commit, in order, and none is over Spanner’s bound', () => {
  const records = Array.from(
    { length: 3000 },
    (_, index) => ({ disclosures: Array(index % 5).fill({}) }) as unknown as LedgerRows,
  );
  const commits = commitsOf(records);
  assert.deepEqual(commits.flat(), records);
  for (const commit of commits) {
    const mutations = commit.reduce(
      (sum, { disclosures }) => sum + LEDGER_MUTATIONS + disclosures.length * DISCLOSURE_MUTATIONS,
      0,
    );
    assert.ok(mutations <= 80_000, `${mutations}`);
  }
  assert.equal(commits.length, 4);
});

test('a message of a thousand records without disclosures is one commit', () => {
  const records = Array<LedgerRows>(1000).fill({ disclosures: [] } as unknown as LedgerRows);
  assert.equal(commitsOf(records).length, 1);
});
