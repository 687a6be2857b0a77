import { EmulatorError } from '../cloud/emulator-commands.ts';
import { withEmulators } from '../cloud/with-emulators.ts';
import { agent, agentVm } from './agent.ts';
import { lint } from './lint.ts';
import { python } from './python.ts';
import { type Counts, runNodeTests } from './run-node-tests.ts';
import { PARTS, runsOf, SUITES, type Suite, type TestRun } from './suites.ts';

/** Suites that no Node runs. */
const OTHERS = { lint, python, agent, 'agent-vm': agentVm } as const;
type Name = Suite | keyof typeof OTHERS;
const NAMES: readonly Name[] = ['lint', ...SUITES, 'ledger-attacks', 'python', 'agent'];
/** Emulated kernels take minutes: `agent-vm` runs only when named. */
const KNOWN: readonly Name[] = [
  ...NAMES,
  'agent-vm',
  ...PARTS.filter((part) => !NAMES.includes(part)),
];

function isOther(name: Name): name is keyof typeof OTHERS {
  return name in OTHERS;
}

function isName(word: string): word is Name {
  return (KNOWN as readonly string[]).includes(word);
}

function line(counts: Counts): string {
  return `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
}

async function runSuite(name: Name): Promise<Counts[]> {
  if (isOther(name)) {
    console.log(name);
    const counts = await OTHERS[name]();
    console.log(`  ${line(counts)}`);
    return [counts];
  }
  const all: Counts[] = [];
  for (const run of runsOf(name))
    all.push(await (name === 'cloud' ? besideEmulators(() => runOne(run)) : runOne(run)));
  return all;
}

/** Without emulators on this machine the tests that need them say so and skip. */
async function besideEmulators<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await withEmulators((environment) => {
      Object.assign(process.env, environment);
      return run();
    });
  } catch (error) {
    if (!(error instanceof EmulatorError)) throw error;
    console.log(`  ${error.message}`);
    return run();
  }
}

async function runOne(run: TestRun): Promise<Counts> {
  console.log(`${run.title}: ${run.files.length} files`);
  const counts = await runNodeTests(run);
  console.log(`  ${line(counts)}`);
  return counts;
}

const asked = process.argv.slice(2);
const unknown = asked.find((word) => !isName(word));
if (unknown !== undefined) {
  console.error(`${unknown} is no suite: name any of ${KNOWN.join(', ')}, or none to run all`);
  process.exit(64);
}

// The README's `./scripts/test` is shown to work by the very run that reads the README.
process.env.VANTIO_TEST_RUN = '1';
const total: Counts = { passed: 0, failed: 0, skipped: 0 };
for (const name of asked.length === 0 ? NAMES : asked.filter(isName)) {
  const started = performance.now();
  for (const counts of await runSuite(name)) {
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
  }
  console.log(`  ${name} took ${Math.round((performance.now() - started) / 1000)} s`);
}
console.log(line(total));
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
