import { dirname, resolve } from 'node:path';
import { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { readTestFile } from '../policy/policy-cases.ts';
import { readPolicyDocument, readPolicyText } from '../policy/read-policy-file.ts';
import { type CaseResult, runCases } from '../policy/run-cases.ts';
import { createScreen } from '../terminal/screen.ts';

type Options = { readonly policy?: string; readonly json?: true };

export const policyTestCommand = (): Command =>
  new Command('test')
    .summary('hold a policy to a table of what it should decide')
    .description(
      'Runs a test file: {"policy": "policy.json", "cases": [ … ]}. A case asks about one host, unix, model, tool, egress, exec\n' +
        'or file, and says what it expects: allow, block, or ask_with_addresses; "rule" also by which rule.',
    )
    .argument('<file>', 'test file')
    .option('--policy <file>', 'the policy to test, instead of the one that the file names')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
With a host may stand port, addresses and agent; unix: agent; model: provider, agent; tool: server, agent; egress: port, protocol,
names; file: access. "unavailable": true decides as while policy cannot be had. What a policy in dry run would block is block.
Names of files in a test file are taken from its own folder.

A test file:
  {"policy": "policy.json", "cases": [
    {"host": "api.openai.com", "expect": "allow"},
    {"host": "0x7f.1", "port": 8080, "expect": "block", "rule": "no-loopback"},
    {"tool": "delete_repo", "server": "github", "expect": "block"}]}

Exit codes: 0 all cases pass; 1 one does not; 2 bad arguments, or a file that cannot be used.

Examples:
  $ vantio policy test policy.test.json
  $ vantio policy test policy.test.json --policy next.json --json`,
    )
    .action(test);

function test(file: string, options: Options): void {
  const { policy: named, cases } = readTestFile(readPolicyText(file), file);
  const policyFile =
    options.policy ?? (named === undefined ? undefined : resolve(dirname(file), named));
  if (policyFile === undefined)
    throw new CliError(`${file} names no "policy"; add it, or give --policy FILE.`);
  const results = runCases(readPolicyDocument(policyFile), cases);
  const failed = results.filter(({ passed }) => !passed).length;
  if (options.json)
    process.stdout.write(
      `${JSON.stringify({ passed: results.length - failed, failed, cases: results })}\n`,
    );
  else {
    const { paint, safe } = createScreen(process.stdout);
    const line = ({ name, passed, got, rule }: CaseResult, at: number): string => {
      const { expect, rule: wanted } = cases[at] ?? {};
      const wants = `wanted ${expect}${wanted === undefined ? '' : ` by ${wanted}`}, got `;
      const by = rule === undefined ? '' : ` by ${rule}`;
      return `${passed ? paint('green', 'pass') : paint('red', 'FAIL')}  ${safe(name)}: ${passed ? '' : safe(wants)}${safe(got + by)}\n`;
    };
    process.stdout.write(results.map(line).join(''));
    process.stdout.write(`${results.length - failed} passed, ${failed} failed\n`);
  }
  process.exitCode = failed > 0 ? EXIT.wrong : EXIT.ok;
}
