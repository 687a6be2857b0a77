import { Command } from 'commander';
import type { WatchCommandOptions } from '../witness/run-watch.ts';
import { loadInstalled } from './local-control-plane.ts';
import { wholeNumber } from './option-types.ts';
import { witnessKeygenCommand } from './witness-keygen.ts';
import { witnessServeCommand } from './witness-serve.ts';

const DAY_SECONDS = 86_400;
const MONTH_MINUTES = 44_640;

export const witnessCommand = (): Command => {
  const witness = new Command('witness')
    .summary('watch a log, cosign it, and raise an alarm if it forks, goes back or falls silent')
    .description(
      'Watches the Merkle log of a control plane from anywhere: fetches its checkpoint, proves that it goes on from the one\n' +
        'before, remembers it, cosigns it, and gives the cosignature to the log. A log that forks, goes back, is of another key\n' +
        'or falls silent raises an alarm: a file that holds what was seen, and an exit code.',
    )
    .enablePositionalOptions()
    // Asked for by hand: commander would ask for them of the commands below, too.
    .option('--url <url>', 'control plane, such as https://vantio.example')
    .option('--key-file <file>', 'an API key that it takes')
    .option('--vkey <file>', 'verifier key of the log, from its operator and pinned by you')
    .option('--witness-key <file>', 'key to cosign with, from witness keygen')
    .option('--state <dir>', 'where it remembers what it saw; of this witness alone')
    .option('--alarm <file>', 'where alarms go (alarm.json in the state directory)')
    .option('--interval <s>', 'seconds between looks', wholeNumber('--interval', 1, DAY_SECONDS), 2)
    .option(
      '--silence <minutes>',
      'alarm when nothing good was heard for so long',
      wholeNumber('--silence', 1, MONTH_MINUTES),
      15,
    )
    .option('--once', 'look once and end, as from cron')
    .option('--json', 'print one JSON line for each thing that happens')
    .addHelpText(
      'after',
      `
A look fails when the log does not answer, or with nothing that can be checked; a log that does not grow is no silence.
The silence is counted from the first look that failed after the last good one, also across restarts.

Exit codes: 0 ended by Ctrl-C or SIGTERM, or a good look under --once; 2 bad arguments, a file that cannot be read, or a
look under --once that failed; alarms: 3 fork, 4 the log went back, 5 another key, 6 another log, 7 silence. But for a
silence, an alarm stands, and the witness does not start, until somebody moves its file away.

Examples:
  $ vantio witness keygen --name example.com/our-witness --out witness.key
  $ vantio witness --url https://vantio.example --key-file agent.key --vkey log.vkey --witness-key witness.key --state witness`,
    )
    .action(async (options: WatchCommandOptions) => {
      const { runWatch } = await loadInstalled(() => import('../witness/run-watch.ts'));
      await runWatch(options);
    });
  for (const command of [witnessKeygenCommand(), witnessServeCommand()])
    witness.addCommand(command);
  return witness;
};
