import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestRun } from './suites.ts';

export type Counts = { passed: number; failed: number; skipped: number };

function readCounts(file: string): Counts | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Counts;
  } catch {
    return undefined;
  }
}

/**
 * Runs the files of `run` under its Node and returns what was counted. A runner that dies, times
 * out or runs nothing counts as a failure: silence is never success.
 */
export async function runNodeTests(run: TestRun): Promise<Counts> {
  if (run.files.length === 0) {
    console.log(`  FAILED: ${run.title} has no test files`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const scratch = mkdtempSync(join(tmpdir(), 'vantio-counts-'));
  const countsFile = join(scratch, 'counts.json');
  const child = spawn(
    run.node,
    [
      '--test',
      `--test-concurrency=${run.concurrency}`,
      `--test-timeout=${run.timeout}`,
      '--test-reporter=./scripts/suites/count-reporter.mjs',
      '--test-reporter-destination=stdout',
      ...run.files,
    ],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, VANTIO_TEST_COUNTS: countsFile },
    },
  );
  // The runner's own time-out leaves a file with an open handle running (seen on Node 24); asked to
  // stop by SIGINT it names the tests that still ran.
  const deadline = setTimeout(() => {
    console.log(`  ${run.title}: stopped after ${run.deadline / 60_000} minutes`);
    child.kill('SIGINT');
    setTimeout(() => child.kill('SIGKILL'), 10_000).unref();
  }, run.deadline);
  const status = await new Promise<number>((resolve) => {
    child.on('error', () => resolve(-1));
    child.on('close', (code) => resolve(code ?? -1));
  });
  clearTimeout(deadline);
  const counts = readCounts(countsFile) ?? { passed: 0, failed: 0, skipped: 0 };
  rmSync(scratch, { recursive: true, force: true });
  const ran = counts.passed + counts.failed + counts.skipped;
  if (ran === 0 || (status !== 0 && counts.failed === 0)) {
    console.log(`  FAILED: ${run.title}: node --test ended with ${status} after ${ran} tests`);
    counts.failed += 1;
  }
  return counts;
}
