import { Command } from 'commander';
import { policyKeygenCommand } from './policy-keygen.ts';
import { policyLintCommand } from './policy-lint.ts';
import { historyCommand, pushCommand, rollbackCommand } from './policy-publish.ts';
import { policyPullCommand } from './policy-pull.ts';
import { policySignCommand } from './policy-sign.ts';
import { policySimulateCommand } from './policy-simulate.ts';
import { policyTestCommand } from './policy-test.ts';

export const policyCommand = (): Command => {
  const policy = new Command('policy')
    .summary('check, try out, sign and publish policies')
    .description(
      'A policy is one JSON document, schema/policy.md. Check it, try it on what was recorded, sign it, publish it: emitters\n' +
        'take it from the control plane.',
    )
    .addHelpText(
      'after',
      `
Each command has --json. Exit codes: 0 well; 1 what was looked at is wrong; 2 bad arguments, or it could not be done.

Examples:
  $ vantio policy lint policy.json
  $ vantio policy simulate policy.json --ledger ledger.ndjson
  $ vantio policy keygen --out policy.key
  $ vantio policy push policy.json --tenant acme --sign-key policy.key`,
    );
  for (const command of [
    policyLintCommand(),
    policyTestCommand(),
    policySimulateCommand(),
    policyKeygenCommand(),
    policySignCommand(),
    pushCommand(),
    policyPullCommand(),
    historyCommand(),
    rollbackCommand(),
  ])
    policy.addCommand(command);
  return policy;
};
