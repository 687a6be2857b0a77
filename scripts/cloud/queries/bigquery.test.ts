import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import {
  authorizedView,
  canBeView,
  federatedView,
  report,
  snapshot,
} from '@vantio/schema/queries/bigquery';
import type { ComplianceQuery } from '@vantio/schema/queries/read-query';
import type { Row } from '../spanner-rest.ts';
import { type GoogleSql, missingGoogleSql, type Source, startGoogleSql } from './googlesql.ts';
import { loadQueries } from './load-queries.ts';
import { renderRows } from './render.ts';
import {
  askSpanner,
  BINDINGS,
  lacksEmulator,
  makeSampleDatabase,
  type SampleDatabase,
} from './sample-database.ts';

const CONNECTION = { project: 'vantio-test', location: 'eu', connection: 'ledger' };
const NAME = 'projects/vantio-test/locations/eu/connections/ledger';
const PRIVATE = { project: 'vantio-test', dataset: 'compliance_acme' };
const SHARED = { project: 'vantio-test', dataset: 'shared_acme' };
// All of the sample, whenever this runs.
const ALWAYS = { ...BINDINGS, range: { lastDays: 36_600 } };
const EVER = {
  ...BINDINGS,
  range: { from: '2000-01-01T00:00:00.000000Z', to: '2100-01-01T00:00:00.000000Z' },
};

const queries = loadQueries();
const views = queries.filter(canBeView);
const lacking = lacksEmulator || (await missingGoogleSql());

const sourceOf = (query: ComplianceQuery, rows: readonly Row[]): Source => ({
  columns: query.columns.map(({ name, type }) => [name, type]),
  rows,
});

describe('through BigQuery', { skip: lacking ?? false }, () => {
  let database: SampleDatabase;
  let googleSql: GoogleSql;
  before(async () => {
    database = await makeSampleDatabase();
    googleSql = startGoogleSql();
  });
  after(async () => {
    googleSql?.stop();
    await database?.drop();
  });

  for (const query of queries)
    test(`the report of ${query.name} brings what Spanner says`, async () => {
      const sql = report(query, CONNECTION, BINDINGS);
      const { connection, statement } = await googleSql.literals(sql);
      assert.equal(connection, NAME);
      const { rows } = await database.query(statement);
      // The order of a federated answer is anybody's.
      const source = sourceOf(query, rows.toReversed());
      const answer = await googleSql.run(sql, source);
      const expected = readFileSync(new URL(`expected/${query.name}.tsv`, import.meta.url), 'utf8');
      assert.equal(renderRows(query, { rows: answer ?? [] }, database.names), expected);
    });

  for (const query of views)
    test(`the view, snapshot and authorized view of ${query.name} are GoogleSQL over the same rows`, async () => {
      const forms = [federatedView, snapshot].map((form) =>
        form(query, PRIVATE, CONNECTION, ALWAYS),
      );
      const { rows: expected } = await askSpanner(database, query, EVER);
      for (const sql of forms) {
        const { rows } = await database.query((await googleSql.literals(sql)).statement);
        assert.deepEqual(rows.map(text).sort(), expected.map(text).sort());
        assert.equal(await googleSql.run(sql, sourceOf(query, rows)), null);
      }
      const outer = authorizedView(query, SHARED, PRIVATE);
      assert.equal(await googleSql.run(outer, sourceOf(query, expected)), null);
    });

  test('a column that the inner part does not bring is refused', async () => {
    const [query] = queries;
    assert.ok(query);
    const [, ...columns] = sourceOf(query, []).columns;
    const sql = report(query, CONNECTION, BINDINGS);
    await assert.rejects(googleSql.run(sql, { columns, rows: [] }), /Unrecognized name/);
  });
});

const text = (row: Row): string => JSON.stringify(row);
