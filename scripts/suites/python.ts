import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { run } from '../e2e/run.ts';
import type { Counts } from './run-node-tests.ts';

const FOLDER = 'sdk/python';
const CACHE = resolve('.vantio/cache');

/** The counts of a JUnit file; undefined if there is none, or it holds none. */
function readJunit(file: string): Counts | undefined {
  try {
    const suite = /<testsuite [^>]*>/.exec(readFileSync(file, 'utf8'))?.[0] ?? '';
    const count = (name: string): number => {
      const found = new RegExp(` ${name}="(\\d+)"`).exec(suite)?.[1];
      if (found === undefined) throw new Error(`${file} does not count its ${name}`);
      return Number(found);
    };
    const failed = count('failures') + count('errors');
    const skipped = count('skipped');
    return { passed: count('tests') - failed - skipped, failed, skipped };
  } catch {
    return undefined;
  }
}

/** Runs pytest in a folder and returns what it counted; one that counts nothing has failed. */
export async function runPytest(python: string, folder: string): Promise<Counts> {
  const scratch = mkdtempSync(join(tmpdir(), 'vantio-pytest-'));
  const junit = join(scratch, 'junit.xml');
  const args = ['-m', 'pytest', '--tb=short', '-rs', `--junitxml=${junit}`];
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
  const { status, stdout, stderr } = await run(python, args, env, folder);
  const counts = readJunit(junit) ?? { passed: 0, failed: 0, skipped: 0 };
  rmSync(scratch, { recursive: true, force: true });
  const ran = counts.passed + counts.failed + counts.skipped;
  if (ran === 0 || (status !== 0 && counts.failed === 0)) {
    console.log(`  FAILED: pytest ended with ${status} after ${ran} tests`);
    counts.failed += 1;
  }
  if (counts.failed > 0 || counts.skipped > 0) console.log(`${stdout}${stderr}`);
  return counts;
}

/** Formatter, linter and types of sdk/python count as one test each; then its tests. */
export async function python(): Promise<Counts> {
  const program = process.env.VANTIO_PYTHON;
  if (program === undefined) {
    console.log('  skipped: no Python 3.10 or newer with venv here, or pip could not install');
    return { passed: 0, failed: 0, skipped: 1 };
  }
  const env = {
    ...process.env,
    MYPY_CACHE_DIR: join(CACHE, 'mypy'),
    RUFF_CACHE_DIR: join(CACHE, 'ruff'),
  };
  const checks = [
    ['ruff', 'format', '--check', '.'],
    ['ruff', 'check', '.'],
    ['mypy', '--strict'],
  ];
  const found: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const words of checks) {
    const { status, stdout, stderr } = await run(program, ['-m', ...words], env, FOLDER);
    found[status === 0 ? 'passed' : 'failed'] += 1;
    if (status !== 0) console.log(`  FAILED: ${words.join(' ')}\n${stdout}${stderr}`);
  }
  const { passed, failed, skipped } = await runPytest(program, FOLDER);
  return {
    passed: found.passed + passed,
    failed: found.failed + failed,
    skipped: found.skipped + skipped,
  };
}
