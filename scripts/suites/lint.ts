import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import type { Counts } from './run-node-tests.ts';

function shellScripts(): string[] {
  const isShell = (file: string): boolean => {
    try {
      return /^#!.*\b(ba)?sh\b/.test(readFileSync(file, 'utf8').slice(0, 40));
    } catch {
      return false;
    }
  };
  return ['.ci/run', ...globSync('scripts/*'), ...globSync('scripts/**/*.sh')].filter(
    (file) => file.endsWith('.sh') || isShell(file),
  );
}

function check(title: string, command: string, args: readonly string[], counts: Counts): void {
  const result = spawnSync(command, args, { encoding: 'utf8' });
  if (result.error !== undefined && 'code' in result.error && result.error.code === 'ENOENT') {
    counts.skipped += 1;
    console.log(`  skipped: ${title}: ${command} is not installed`);
    return;
  }
  if (result.status === 0) {
    counts.passed += 1;
    return;
  }
  counts.failed += 1;
  console.log(`  FAILED: ${title}\n${result.stdout}${result.stderr}`);
}

/** Formatter, linter, types and shell scripts; each counts as one test. */
export function lint(): Counts {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  check('biome finds nothing', 'biome', ['check', '--error-on-warnings', '.'], counts);
  check('every workspace has its types right', 'tsc', ['-b'], counts);
  check('the scripts have their types right', 'tsc', ['-p', 'scripts'], counts);
  check('the shell scripts parse', 'bash', ['-n', ...shellScripts()], counts);
  check('shellcheck finds nothing', 'shellcheck', ['-x', ...shellScripts()], counts);
  return counts;
}
