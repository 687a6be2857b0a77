import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { run } from '../e2e/run.ts';

const scratch = mkdtempSync(join(tmpdir(), 'vantio-runner-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

/** Node's runner refuses to run inside itself unless this is taken away. */
const { NODE_TEST_CONTEXT: _, ...environment } = process.env;

/** Runs test files of the given texts as a suite, in a process of its own. */
async function runSuite(...texts: readonly string[]): Promise<{ said: string; counts: unknown }> {
  const files = texts.map((text, index) => {
    const file = join(scratch, `sample-${index}.test.mjs`);
    writeFileSync(file, `import { describe, it, test } from 'node:test';\n${text}`);
    return file;
  });
  const suite = { title: 'sample', node: process.execPath, files, concurrency: 1 };
  const code = `
    const { runNodeTests } = await import('./scripts/suites/run-node-tests.ts');
    const limits = { timeout: 60_000, deadline: 120_000 };
    const counts = await runNodeTests({ ...${JSON.stringify(suite)}, ...limits });
    console.log('COUNTS' + JSON.stringify(counts));`;
  const args = ['--input-type=module', '--eval', code];
  const { stdout, stderr } = await run(process.execPath, args, environment);
  const [said = '', counts] = stdout.split('COUNTS');
  assert.ok(counts, `${stdout}${stderr}`);
  return { said, counts: JSON.parse(counts) };
}

test('tests are counted one by one, whatever group they stand in', async () => {
  const { counts } = await runSuite(
    `test('a', () => {}); describe('group', () => { it('b', () => {}); it('c', () => {}); });`,
  );
  assert.deepEqual(counts, { passed: 3, failed: 0, skipped: 0 });
});

test('a failure is counted and printed with the groups it stands in and its reason', async () => {
  const { said, counts } = await runSuite(
    `describe('group', () => { it('breaks', () => { throw new Error('because'); }); });`,
  );
  assert.deepEqual(counts, { passed: 0, failed: 1, skipped: 0 });
  assert.match(said, /FAILED: group › breaks/);
  assert.match(said, /because/);
});

test('a skipped test prints its reason, given before it runs or while it does', async () => {
  const { said, counts } = await runSuite(
    `test('a', { skip: 'no root' }, () => {}); test('b', (t) => t.skip('no kernel BTF'));`,
  );
  assert.deepEqual(counts, { passed: 0, failed: 0, skipped: 2 });
  assert.match(said, /skipped: a: no root/);
  assert.match(said, /skipped: b: no kernel BTF/);
});

test('a file that cannot even be loaded is a failure', async () => {
  const { counts } = await runSuite(`test('a', () => {});`, `throw new Error('at load');`);
  assert.deepEqual(counts, { passed: 1, failed: 1, skipped: 0 });
});

test('a suite without files, or whose files hold no test, is a failure', async () => {
  assert.deepEqual((await runSuite()).counts, { passed: 0, failed: 1, skipped: 0 });
  assert.deepEqual((await runSuite('')).counts, { passed: 0, failed: 1, skipped: 0 });
});
