import { Command } from 'commander';
import type { Check } from '../doctor/check.ts';
import { checkEnvironment, checkStorage } from '../doctor/check-environment.ts';
import { checkIngest } from '../doctor/check-ingest.ts';
import { checkKeys } from '../doctor/check-keys.ts';
import { checkRuntime } from '../doctor/check-runtime.ts';
import { EXIT } from '../exit-codes.ts';
import { readKeyFiles } from '../ledger/read-key-files.ts';
import { type Colour, createScreen } from '../terminal/screen.ts';
import { gather } from './option-types.ts';

type Options = {
  readonly keyFile: readonly string[];
  readonly ingestUrl?: string;
  readonly json?: true;
};

export const doctorCommand = (): Command =>
  new Command('doctor')
    .summary('say what is live, what cannot be observed here, and how to fix it')
    .description(
      'Checks this machine as an agent would find it: Node and its channels (each is tried on loopback), the SDK, the\n' +
        'environment (names of variables, never values), keys, the control plane, clocks, files and rights.',
    )
    .option('--key-file <file>', 'key file to look at (repeatable)', gather, [])
    .option('--ingest-url <url>', 'control plane to ask, instead of VANTIO_INGEST_URL')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Exit codes: 0 nothing is wrong; 1 something is; 2 bad arguments.

Examples:
  $ vantio doctor
  $ vantio doctor --ingest-url http://127.0.0.1:8787 --key-file agent.key --json`,
    )
    .action(doctor);

async function doctor({ keyFile, ingestUrl, json }: Options): Promise<void> {
  // It loads every client there is, which no other command should wait for.
  const { checkCoverage } = await import('../doctor/check-coverage.ts');
  const { checkPolicy } = await import('../doctor/check-policy.ts');
  const environment = process.env;
  const url = ingestUrl ?? environment.VANTIO_INGEST_URL;
  const checks = [
    ...checkRuntime(),
    ...(await checkCoverage()),
    ...checkEnvironment(environment, url),
    ...checkPolicy(environment),
    ...checkKeys(environment, keyFile),
    ...(url ? await checkIngest(url, environment.VANTIO_API_KEY || firstKey(keyFile)) : []),
    ...checkStorage(environment),
  ];
  process.stdout.write(json ? `${JSON.stringify({ checks })}\n` : render(checks));
  process.exitCode = checks.some(({ status }) => status === 'wrong') ? EXIT.wrong : EXIT.ok;
}

/** A broken key file has its own line in the report. */
function firstKey(keyFiles: readonly string[]): string | undefined {
  try {
    return readKeyFiles(keyFiles)[0];
  } catch {
    return undefined;
  }
}

const COLOURS: Readonly<Record<Check['status'], Colour>> = {
  ok: 'green',
  warn: 'yellow',
  wrong: 'red',
  absent: 'dim',
};

function render(checks: readonly Check[]): string {
  const { paint, safe } = createScreen(process.stdout);
  return checks
    .map(({ name, status, says, fix }) => {
      const advice = fix === undefined ? '' : `\n${' '.repeat(8)}fix: ${safe(fix)}`;
      return `${paint(COLOURS[status], status.padEnd(6))}  ${safe(name)}: ${safe(says)}${advice}\n`;
    })
    .join('');
}
