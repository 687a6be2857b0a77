import type { PolicyDocument } from '@vantio/schema/policy/policy-document';
import { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { ledgerFamily } from '../ledger/ledger-family.ts';
import { readPolicyDocument } from '../policy/read-policy-file.ts';
import { renderSimulation } from '../policy/render-simulation.ts';
import { createSimulation } from '../policy/simulate.ts';
import { readRecords } from '../show/collect-traces.ts';

type Options = { readonly ledger: string; readonly against?: string; readonly json?: true };

export const policySimulateCommand = (): Command =>
  new Command('simulate')
    .summary('replay a ledger over a policy: what would have been blocked, redacted, capped')
    .description(
      'Replays what a ledger holds over a policy and prints by rule what would have been blocked, redacted or capped; with\n' +
        '--against, what changes from that other policy to this one. A ledger holds metadata: what it cannot tell is printed as\n' +
        'unmeasured, and is neither allowed nor blocked. It verifies nothing.',
    )
    .argument('<policy>', 'policy')
    .requiredOption('--ledger <file>', 'ledger file; NAME.ndjson stands for its whole family')
    .option('--against <policy>', 'policy to compare with, such as the one in force')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Redaction is measured where records hold counts from a policy in force or in dry run then; a call without them is unmeasured.
Caps add up recorded costs, or tokens at the policy's own prices. Rules for some agents are unmeasured: records do not name shields.

Exit codes: 0 replayed; 2 bad arguments, or a file that cannot be used.

Examples:
  $ vantio policy simulate policy.json --ledger ledger.ndjson
  $ vantio policy simulate next.json --ledger ledger.ndjson --against policy.json --json`,
    )
    .action(simulate);

function simulate(file: string, { ledger, against, json }: Options): void {
  const policy = readPolicyDocument(file);
  const other: PolicyDocument | undefined =
    against === undefined ? undefined : readPolicyDocument(against);
  const simulation = createSimulation(policy, other);
  let unreadable = 0;
  for (const { path } of ledgerFamily(ledger))
    for (const record of readRecords(path)) {
      if (record === undefined) unreadable++;
      else simulation.add(record);
    }
  if (unreadable > 0 && simulation.isEmpty())
    throw new CliError(`${ledger} holds no record that can be read; name a ledger.`);
  const report = { ...simulation.report(), unreadable_lines: unreadable };
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : renderSimulation(report));
  process.exitCode = EXIT.ok;
}
