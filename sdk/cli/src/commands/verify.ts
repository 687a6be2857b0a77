import { Command } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { createScreen } from '../terminal/screen.ts';
import { renderOutcome } from '../verify/render-outcome.ts';
import type { VerifyOptions } from '../verify/run-verify.ts';
import { gather, wholeNumber } from './option-types.ts';

type Options = VerifyOptions & {
  readonly strict?: true;
  readonly show: number;
  readonly json?: true;
};

export const verifyCommand = (): Command =>
  new Command('verify')
    .summary('check a ledger offline, with keys that you name')
    .description(
      'Checks every record of a ledger and its rotated files, offline: canonical form, MACs, session chains and signatures,\n' +
        'gaps, conflicts, rotated segments and disclosures; and, by the Merkle log beside it, that it is what was sealed. It uses\n' +
        'no key found inside a ledger, and says so where it takes one from beside it.',
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
    .option(
      '--vkey <key>',
      "log's verifier key that you pin: NAME+KEYID+BASE64, or a file (repeatable)",
      gather,
      [],
    )
    .option('--witness <key>', "witness's verifier key, in the same way (repeatable)", gather, [])
    .option(
      '--receipts <file>',
      'receipts whose promises are judged, one a line (repeatable)',
      gather,
      [],
    )
    .option(
      '--checkpoint <file>',
      'checkpoint that you kept: the log must go on from it (repeatable)',
      gather,
      [],
    )
    .option('--log <dir>', "the ledger's log, where it is not beside it as NAME.log")
    .option('--html <file>', 'write a report for an auditor, too: one page that needs no other')
    .option(
      '--threads <n>',
      '1 or 2; the report is the same (default: 2 for large ledgers)',
      wholeNumber('--threads', 1, 2),
    )
    .option('--strict', 'exit 1 for what is unmeasured, too')
    .option('--show <n>', 'sessions and findings to print', wholeNumber('--show', 0), 50)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Words: verified, gap, conflict; and, for what could not be checked: MAC unmeasured (no key was named for it), tail
unmeasured (nothing says that a session ended where it does), origin unattested (no session root vouches for its key).

Of the log in NAME.log: witnessed by N; unsealed (no checkpoint covers the last lines), unwitnessed (no pinned witness
cosigned the newest checkpoint), log key not pinned (NAME.vkey was used, which whoever kept the ledger could have made:
name a copy of your own with --vkey). A promise of a receipt is kept, broken, or unmeasured, by the clocks of witnesses.

Copy a ledger with all its files: the first line of NAME.ndjson is held to the last one of the file rotated before it,
and without NAME.000001.ndjson and so on it is rejected. What vantio serve writes of itself is under a key of its own,
control.key in its state directory.

Exit codes: 0 verified, with or without notes; 1 something is wrong, or unmeasured under --strict; 2 bad arguments or
a file that cannot be read.

Examples:
  $ vantio verify ledger.ndjson --key-file agent.key
  $ vantio verify ledger.ndjson --key-file agent.key --key-file .vantio/control.key --strict
  $ vantio verify copy.ndjson --key-file agent.key --json
  $ vantio verify ledger.ndjson --vkey my.vkey --witness witness.vkey --receipts receipts.ndjson --html report.html`,
    )
    .action(verify);

async function verify(names: readonly string[], options: Options): Promise<void> {
  // What only this command needs would cost every other one its time.
  const { runVerify } = await import('../verify/run-verify.ts');
  const outcome = await runVerify(names, options);
  if (options.json) process.stdout.write(`${JSON.stringify(outcome)}\n`);
  else
    for (const line of renderOutcome(outcome, createScreen(process.stdout), options.show))
      process.stdout.write(`${line}\n`);
  const failed =
    outcome.verdict === 'rejected' || (options.strict && outcome.verdict !== 'verified');
  process.exitCode = failed ? EXIT.wrong : EXIT.ok;
}
