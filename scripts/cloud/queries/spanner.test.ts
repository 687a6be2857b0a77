import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { EVENT_TYPES } from '@vantio/schema';
import { loadQueries } from './load-queries.ts';
import { renderRows } from './render.ts';
import { OPERATOR } from './sample/operator-session.ts';
import {
  askSpanner,
  BINDINGS,
  lacksEmulator,
  makeSampleDatabase,
  type SampleDatabase,
} from './sample-database.ts';

const queries = loadQueries();

const queryNamed = (name: string) => {
  const query = queries.find((candidate) => candidate.name === name);
  assert.ok(query, name);
  return query;
};

describe('on Spanner', { skip: lacksEmulator }, () => {
  let database: SampleDatabase;
  before(async () => {
    database = await makeSampleDatabase();
  });
  after(() => database?.drop());

  for (const query of queries)
    test(`${query.name} answers its question, of one tenant only`, async () => {
      const answer = await askSpanner(database, query);
      assert.deepEqual(
        answer.columns,
        query.columns.map(({ name, type }) => ({ name, type })),
      );
      const expected = readFileSync(new URL(`expected/${query.name}.tsv`, import.meta.url), 'utf8');
      assert.equal(renderRows(query, answer, database.names), expected);
    });

  test('a range has its first instant in it, and not its last', async () => {
    const range = { from: '2025-01-05T03:00:01.000000Z', to: '2025-01-05T03:00:02.000000Z' };
    const bindings = { ...BINDINGS, range };
    const { rows } = await askSpanner(database, queryNamed('who-reached-which-host'), bindings);
    assert.deepEqual(
      rows.map(({ Events, BytesSent }) => [Events, BytesSent]),
      [[1, 100]],
    );
  });

  test('a tenant without records gets none, and neither an error nor those of another', async () => {
    for (const query of queries) {
      const { rows } = await askSpanner(database, query, { ...BINDINGS, tenantId: 'nobody' });
      assert.deepEqual(rows, [], query.name);
    }
  });

  test('the log of Article 12 holds every type of event', async () => {
    const range = { from: '2026-01-02T00:00:00.000000Z', to: '2026-01-03T00:00:00.000000Z' };
    const bindings = { ...BINDINGS, tenantId: OPERATOR, range };
    const { rows } = await askSpanner(
      database,
      queryNamed('what-does-article-12-ask-for'),
      bindings,
    );
    const types = new Set(rows.map(({ EventType }) => EventType));
    const ofSessions = ['session_head', 'session_end'];
    assert.deepEqual(
      Object.keys(EVENT_TYPES).filter((type) => !types.has(type)),
      ofSessions,
    );
  });
});
