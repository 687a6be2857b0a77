import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { createdWithView } from '@vantio/schema/spanner/created-with';
import { readMigrations, statementsOf } from '@vantio/schema/spanner/migrations';
import { buildGoProgram, missingGo } from '../../setup/go-program.ts';

const HERE = 'scripts/cloud/ddl-grammar';
const FILES = [
  'schema/spanner_ledger.ddl',
  'schema/spanner_roles.ddl',
  'schema/spanner_bulk_load.ddl',
] as const;

let program = '';
/** Reads it by memefish, the grammar of the Spanner ecosystem. */
const parse = (ddl: string) => spawnSync(program, { input: ddl, encoding: 'utf8' });
const textOf = (file: string): string => readFileSync(file, 'utf8');
/** As they are applied: without comments. */
const count = (ddl: string): number => statementsOf(ddl.replaceAll(/^\s*--.*$/gm, '')).length;

describe('a grammar nobody here wrote', { skip: missingGo(HERE) ?? false }, () => {
  before(() => {
    program = buildGoProgram(HERE);
  });

  for (const file of FILES)
    test(`${file} parses, into the statements that we split it into`, () => {
      const { status, stdout, stderr } = parse(textOf(file));
      assert.equal(status, 0, stderr);
      assert.equal(Number(stdout), count(textOf(file)));
    });

  test('what says which migrations a new database has parses as one statement', () => {
    const { status, stdout, stderr } = parse(createdWithView(readMigrations(textOf(FILES[0]))));
    assert.equal(status, 0, stderr);
    assert.equal(Number(stdout), 1);
  });

  for (const [what, broken] of [
    [
      'a role that is granted to nobody',
      textOf(FILES[1]).replace('TO ROLE ledger_writer', 'TO ROLE'),
    ],
    ['a column without a type', textOf(FILES[0]).replace('ReceivedAt TIMESTAMP', 'ReceivedAt')],
    ['a CHECK that is not closed', textOf(FILES[0]).replace(/\n {2}\)\n\) PRIMARY/, '\n) PRIMARY')],
    ['a missing semicolon', textOf(FILES[0]).replace(';\n\n--', '\n\n--')],
  ] as const)
    test(`${what} is refused`, () => {
      const { status, stderr } = parse(broken);
      assert.equal(status, 1);
      assert.match(stderr, /syntax error: ddl:\d+/);
    });
});
