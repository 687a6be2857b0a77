import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { authorizedView, canBeView, federatedView, report } from './bigquery.ts';
import { type Bindings, bind, parametersOf } from './parameters.ts';
import { type ComplianceQuery, readQuery } from './read-query.ts';

const FOLDER = new URL('../../queries/', import.meta.url);
const textOf = (file: string): string => readFileSync(new URL(file, FOLDER), 'utf8');
const files = readdirSync(FOLDER).filter((file) => file.endsWith('.sql'));
const queryOf = (file: string): ComplianceQuery =>
  readQuery(file.replace(/\.sql$/, ''), textOf(file));

const BINDINGS = {
  tenantId: 'acme',
  operatorTenantId: 'vantio',
  traceId: 'ab'.repeat(16),
  range: { from: '2025-01-05T00:00:00.000000Z', to: '2025-02-01T00:00:00.000000Z' },
} as const satisfies Bindings;
const CONNECTION = { project: 'a-project', location: 'eu', connection: 'ledger' };
const QUERY = queryOf('where-are-gaps.sql');

describe('a query file', () => {
  for (const file of files)
    test(`${file} asks about one tenant, and stands in the table of its README`, () => {
      const query = queryOf(file);
      assert.ok(parametersOf(query.select).includes('tenant_id'));
      assert.ok(textOf('README.md').includes(`| [${query.name}](${file}) | ${query.question} |`));
    });

  test('is refused without its question, its columns, or its order on the last line', () => {
    const text = textOf('where-are-gaps.sql');
    for (const broken of [
      text.replace(/^.*\n/, ''),
      text.replace('-- Columns:\n', ''),
      text.replace('--   Missing INT64  how many', '--   Missing how many'),
      text.replace(/ORDER BY.*\n$/, ''),
      text.replace('FROM (', 'FROM ("'),
    ])
      assert.throws(() => readQuery('broken', broken), Error);
  });
});

describe('parameters', () => {
  test('become literals, but not within strings and comments', () => {
    assert.equal(
      bind("SELECT '@tenant_id', @tenant_id -- @tenant_id\n, @from_time", BINDINGS),
      "SELECT '@tenant_id', 'acme' -- @tenant_id\n, TIMESTAMP '2025-01-05T00:00:00.000000Z'",
    );
  });

  test('may be the last days instead of a range', () => {
    assert.equal(
      bind('@from_time @to_time', { ...BINDINGS, range: { lastDays: 30 } }),
      'TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 30 DAY) CURRENT_TIMESTAMP()',
    );
    for (const lastDays of [0, -1, 1.5, Number.NaN, 36_601])
      assert.throws(() => bind('@from_time', { ...BINDINGS, range: { lastDays } }), /lastDays/);
  });

  test('are refused outside of their alphabets, whatever would follow', () => {
    for (const hostile of [
      "acme' OR 'a'='a",
      'acme\\',
      'acme\n',
      'acme"""',
      'ACME',
      '',
      ' acme',
      '@to_time',
    ])
      for (const name of ['tenantId', 'operatorTenantId', 'traceId'] as const)
        assert.throws(
          () => bind('@tenant_id @operator_tenant_id @trace_id', { ...BINDINGS, [name]: hostile }),
          /must match/,
          hostile,
        );
    const range = { from: "2025-01-05T00:00:00.000000Z' OR TRUE --", to: BINDINGS.range.to };
    assert.throws(() => bind('@from_time', { ...BINDINGS, range }), /from_time must match/);
  });

  test('that nobody knows are refused by name', () => {
    assert.throws(() => parametersOf('SELECT @limit'), /@limit/);
    assert.throws(() => bind('SELECT @constructor', BINDINGS), /@constructor/);
  });
});

describe('for BigQuery', () => {
  const at = { project: 'a-project', dataset: 'compliance_acme' };

  test('names that are none are refused', () => {
    for (const connection of [
      { ...CONNECTION, project: "p'" },
      { ...CONNECTION, location: 'eu/..' },
      { ...CONNECTION, connection: 'a b' },
    ])
      assert.throws(() => report(QUERY, connection, BINDINGS), /must match/);
    for (const dataset of ['a`b', 'a.b', '', 'a-b'])
      assert.throws(() => authorizedView(QUERY, { ...at, dataset }, at), /dataset must match/);
  });

  test('there is no view about one trace', () => {
    const dossier = queryOf('what-happened-in-a-trace.sql');
    assert.equal(canBeView(dossier), false);
    assert.throws(() => federatedView(dossier, at, CONNECTION, BINDINGS), /one trace/);
  });
});
