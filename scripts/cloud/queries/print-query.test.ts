import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readBlocks, readCommands } from '../../e2e/readme.ts';
import { run } from '../../e2e/run.ts';

const PROGRAM = 'scripts/cloud/queries/print-query.ts';
const README = new URL('../../../schema/queries/README.md', import.meta.url);
const print = (...args: readonly string[]) => run(process.execPath, [PROGRAM, ...args]);

test('every command of the README prints what it promises', async () => {
  const shown = readCommands(readBlocks(readFileSync(README, 'utf8').replaceAll('\\\n', '')));
  const commands = shown.map((command) => command.split(/\s+/));
  assert.ok(commands.length > 0);
  const begins = {
    spanner: /^SELECT\n.*TenantId = 'acme'/s,
    report: /^SELECT\n.*FROM EXTERNAL_QUERY\('projects\/.*\nORDER BY [^\n]+\n$/s,
    view: /^CREATE OR REPLACE VIEW `.*EXTERNAL_QUERY.* INTERVAL 400 DAY/s,
    snapshot: /^CREATE OR REPLACE TABLE `.*EXTERNAL_QUERY/s,
    'authorized-view': /^CREATE OR REPLACE VIEW `[^`]+` \(.*FROM `[^`]+`\n$/s,
  };
  const forms = commands.map((words) => words[words.indexOf('--form') + 1]);
  assert.deepEqual(forms, Object.keys(begins));
  for (const [at, pattern] of Object.values(begins).entries()) {
    const [node, program, ...args] = commands[at] ?? [];
    assert.deepEqual([node, program], ['node', PROGRAM]);
    const { status, stdout, stderr } = await print(...args);
    assert.equal(status, 0, stderr);
    assert.match(stdout, pattern);
  }
});

test('a query that is none, a form that is none, and a value outside its alphabet print nothing', async () => {
  const good = ['--form', 'spanner', '--from', '2025-01-05', '--to', '2025-02-01'];
  for (const [args, reason] of [
    [['where-are-gaps', ...good, '--tenant', "a' OR TRUE --"], /tenant_id must match/],
    [['where-are-gaps', ...good, '--tenant', 'acme', '--form', 'table'], /table is no form/],
    [['drop-everything', ...good, '--tenant', 'acme'], /QUERY is one of .*where-are-gaps/],
    [['where-are-gaps', '--form', 'spanner', '--tenant', 'acme'], /_time must match/],
    [['what-happened-in-a-trace', ...good, '--tenant', 'acme'], /trace_id must match/],
  ] as const) {
    const { status, stdout, stderr } = await print(...args);
    assert.deepEqual([status, stdout], [64, '']);
    assert.match(stderr, reason);
  }
});
