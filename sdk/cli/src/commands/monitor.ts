import { Command } from 'commander';
import type { MonitorOptions } from '../monitor/run-monitor.ts';
import { gather } from './option-types.ts';

export const monitorCommand = (): Command =>
  new Command('monitor')
    .summary('ask a log to prove what it promised in receipts')
    .description(
      'Judges receipts against the log that gave them: asks it for a proof of each record, holds the proof to the keys ' +
        'that you pin, and each promise to the clocks of witnesses. A promise that no pinned witness can speak of is unmeasured.',
    )
    .requiredOption('--url <url>', 'control plane, such as https://vantio.example')
    .requiredOption('--key-file <file>', 'an API key of the tenant that the receipts are of')
    .requiredOption('--vkey <key>', 'verifier key of the log, or a file that holds it')
    .requiredOption('--receipts <file>', 'receipts, one a line; may be given again', gather, [])
    .option(
      '--witness <key>',
      'verifier key of a witness, or a file of them; may be given again',
      gather,
      [],
    )
    .option('--json', 'print one JSON line for each promise')
    .addHelpText(
      'after',
      `
The SDK keeps receipts in its spool directory, as KEY-ID/receipts.ndjson.

Exit codes: 0 no promise is broken; 1 one is, or a receipt or proof does not hold; 2 bad arguments, or the log does not answer.

Example:
  $ vantio monitor --url https://vantio.example --key-file agent.key --vkey log.vkey --witness witness.vkey --receipts receipts.ndjson`,
    )
    .action(async (options: MonitorOptions) => {
      const { runMonitor } = await import('../monitor/run-monitor.ts');
      if (!(await runMonitor(options))) process.exitCode = 1;
    });
