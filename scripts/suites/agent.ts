import { resolve } from 'node:path';
import { run } from '../e2e/run.ts';
import type { Counts } from './run-node-tests.ts';

const FOLDER = 'agent';

/**
 * What `cargo test -- --show-output` counted. A test that cannot run here passes, says `skipped: why` on a line, and is counted as
 * skipped.
 */
export function countCargoTests(output: string): Counts {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [, passed, failed, ignored] of output.matchAll(
    /^test result: \S+ (\d+) passed; (\d+) failed; (\d+) ignored/gm,
  )) {
    counts.passed += Number(passed);
    counts.failed += Number(failed);
    counts.skipped += Number(ignored);
  }
  const skipped = output.match(/^skipped: .*$/gm)?.length ?? 0;
  counts.passed -= skipped;
  counts.skipped += skipped;
  return counts;
}

const NOTHING: Counts = { passed: 0, failed: 0, skipped: 1 };
/** Debian's, the oldest and the newest that its packages bring. */
const KERNELS = ['6.1', '6.12'];

/** The tests of the kernel's programs on other kernels; each kernel counts as one test. */
export async function agentVm(): Promise<Counts> {
  const cargo = process.env.VANTIO_CARGO;
  if (cargo === undefined || process.env.VANTIO_QEMU === undefined) {
    console.log('  skipped: no cargo here, or no QEMU, busybox and packages of kernels to run');
    return NOTHING;
  }
  const found = { passed: 0, failed: 0, skipped: 0 };
  for (const series of KERNELS) {
    const { status, stdout, stderr } = await run(
      cargo,
      ['xtask', 'vm', series],
      process.env,
      resolve(FOLDER),
    );
    found[status === 0 ? 'passed' : 'failed'] += 1;
    if (status !== 0) console.log(`  FAILED: ${series}\n${stdout}${stderr}`);
  }
  return found;
}

/** Formatter, linter and the object for another processor count as one test each; then all tests of the workspace. */
export async function agent(): Promise<Counts> {
  const cargo = process.env.VANTIO_CARGO;
  if (cargo === undefined) {
    console.log("  skipped: no cargo here, or no compiler for the kernel's programs");
    return NOTHING;
  }
  const env = { ...process.env, CARGO_TERM_COLOR: 'never' };
  const found = { passed: 0, failed: 0, skipped: 0 };
  for (const words of [
    ['xtask', 'lint'],
    ['xtask', 'ebpf', '--arch', 'aarch64'],
  ]) {
    const { status, stdout, stderr } = await run(cargo, words, env, resolve(FOLDER));
    found[status === 0 ? 'passed' : 'failed'] += 1;
    if (status !== 0) console.log(`  FAILED: cargo ${words.join(' ')}\n${stdout}${stderr}`);
  }
  const words = ['test', '--locked', '--no-fail-fast', '--', '--show-output'];
  const { status, stdout, stderr } = await run(cargo, words, env, resolve(FOLDER));
  const tests = countCargoTests(stdout);
  const ran = tests.passed + tests.failed;
  if (ran === 0 || (status !== 0 && tests.failed === 0)) {
    console.log(`  FAILED: cargo test ended with ${status} after ${ran} tests`);
    tests.failed += 1;
  }
  if (tests.failed > 0) console.log(`${stdout}${stderr}`);
  for (const [line] of stdout.matchAll(/^skipped: .*$/gm)) console.log(`  ${line}`);
  return {
    passed: found.passed + tests.passed,
    failed: found.failed + tests.failed,
    skipped: found.skipped + tests.skipped,
  };
}
