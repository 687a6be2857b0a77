import { Command } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { ledgerFamily } from '../ledger/ledger-family.ts';
import { readKeyFiles } from '../ledger/read-key-files.ts';
import { createScreen } from '../terminal/screen.ts';
import { parseExpectedHead, parseSessionRoot } from '../verify/parse-arguments.ts';
import { renderOutcome } from '../verify/render-outcome.ts';
import { gather, wholeNumber } from './option-types.ts';

type Options = {
  readonly keyFile: readonly string[];
  readonly sessionRoot: readonly string[];
  readonly expectHead: readonly string[];
  readonly strict?: true;
  readonly show: number;
  readonly json?: true;
};

export const verifyCommand = (): Command =>
  new Command('verify')
    .summary('check a ledger offline, with keys that you name')
    .description(
      'Checks every record of a ledger and its rotated files, offline: canonical form, MACs, session chains and signatures,\n' +
        'gaps, conflicts, rotated segments and disclosures. It uses no key found inside a ledger.',
    )
    .argument('<file...>', 'ledger files; NAME.ndjson stands for its whole family')
    .option('--key-file <file>', 'API keys to check MACs with, one a line (repeatable)', gather, [])
    .option(
      '--session-root <key>',
      'session root that you trust: 64 hex digits or a PEM file (repeatable)',
      gather,
      [],
    )
    .option(
      '--expect-head <session:seq:hash>',
      'record that must be in the ledger (repeatable)',
      gather,
      [],
    )
    .option('--strict', 'exit 1 for what is unmeasured, too')
    .option('--show <n>', 'sessions and findings to print', wholeNumber('--show', 0), 50)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Words: verified, gap, conflict; and, for what could not be checked: MAC unmeasured (no key was named for it), tail
unmeasured (nothing says that a session ended where it does), origin unattested (no session root vouches for its key).

Copy a ledger with all its files: the first line of NAME.ndjson is held to the last one of the file rotated before it,
and without NAME.000001.ndjson and so on it is rejected. What vantio serve writes of itself is under a key of its own,
control.key in its state directory.

Exit codes: 0 verified, with or without notes; 1 something is wrong, or unmeasured under --strict; 2 bad arguments or
a file that cannot be read.

Examples:
  $ vantio verify ledger.ndjson --key-file agent.key
  $ vantio verify ledger.ndjson --key-file agent.key --key-file .vantio/control.key --strict
  $ vantio verify copy.ndjson --key-file agent.key --json`,
    )
    .action(runVerify);

async function runVerify(names: readonly string[], options: Options): Promise<void> {
  // What only this command needs would cost every other one its time.
  const { verifyLedger } = await import('../verify/verify-ledger.ts');
  const files = [...new Map(names.flatMap(ledgerFamily).map((file) => [file.path, file])).values()];
  const outcome = verifyLedger({
    files,
    apiKeys: readKeyFiles(options.keyFile),
    sessionRoots: options.sessionRoot.map(parseSessionRoot),
    expectHeads: options.expectHead.map(parseExpectedHead),
  });
  if (options.json) process.stdout.write(`${JSON.stringify(outcome)}\n`);
  else
    for (const line of renderOutcome(outcome, createScreen(process.stdout), options.show))
      process.stdout.write(`${line}\n`);
  const failed =
    outcome.verdict === 'rejected' || (options.strict && outcome.verdict !== 'verified');
  process.exitCode = failed ? EXIT.wrong : EXIT.ok;
}
