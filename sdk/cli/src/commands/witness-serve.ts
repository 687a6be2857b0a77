import { Command } from 'commander';
import type { ServeCommandOptions } from '../witness/run-serve.ts';
import { loadInstalled } from './local-control-plane.ts';

export const witnessServeCommand = (): Command =>
  new Command('serve')
    .summary('cosign what logs send, by C2SP tlog-witness')
    .description(
      'Answers POST /add-checkpoint of C2SP tlog-witness, for logs that can reach it. It has no other authentication than the\n' +
        "log's signature, and no TLS: put a proxy before it. It cannot tell a log that is silent from one that asks others.",
    )
    .requiredOption('--listen <host:port>', 'address to listen on; port 0 for any free one')
    .requiredOption('--vkey <file>', 'verifier keys of the logs, one a line')
    .requiredOption('--witness-key <file>', 'key to cosign with, from witness keygen')
    .requiredOption('--state <dir>', 'where it remembers what it saw; of this witness alone')
    .option('--alarm <file>', 'where alarms go (alarm.json in the state directory)')
    .option('--json', 'print one JSON line for each thing that happens')
    .addHelpText(
      'after',
      `
Two trees of one size under a log's signature are an alarm: that log is cosigned no more until somebody moves the file away,
and the others are served on.

Exit codes: 0 ended by Ctrl-C or SIGTERM; 2 bad arguments, or it could not start; 3 ended so, after a fork was seen.

Example:
  $ vantio witness serve --listen 127.0.0.1:8790 --vkey logs.vkey --witness-key witness.key --state witness`,
    )
    .action(async (options: ServeCommandOptions) => {
      const { runServe } = await loadInstalled(() => import('../witness/run-serve.ts'));
      await runServe(options);
    });
