import { Command } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { type LintFinding, lintPolicy } from '../policy/lint-policy.ts';
import { readPolicyText } from '../policy/read-policy-file.ts';
import { plural } from '../terminal/quantities.ts';
import { createScreen } from '../terminal/screen.ts';

type Options = { readonly json?: true };

export const policyLintCommand = (): Command =>
  new Command('lint')
    .summary('say what is wrong with a policy, and what in it has no effect')
    .description(
      'Reads a policy, or a signed one, and names what is wrong by line and path. It warns of rules that another rule covers,\n' +
        'of allowed hosts that a blocked one denies, of ids that stand twice and of a policy that has expired. Errors come one\n' +
        'at a time.',
    )
    .argument('<file>', 'policy')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExit codes: 0 it can be used, warnings or not; 1 it cannot; 2 bad arguments, or a file that cannot be read.\n\nExample:\n  $ vantio policy lint policy.json',
    )
    .action(lint);

function lint(file: string, { json }: Options): void {
  const findings = lintPolicy(readPolicyText(file), Date.now());
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  if (json) process.stdout.write(`${JSON.stringify({ file, findings })}\n`);
  else process.stdout.write(render(file, findings, errors));
  process.exitCode = errors > 0 ? EXIT.wrong : EXIT.ok;
}

function render(file: string, findings: readonly LintFinding[], errors: number): string {
  const { paint, safe } = createScreen(process.stdout);
  const lines = findings.map(({ severity, line, path, says }) => {
    const colour = severity === 'error' ? 'red' : 'yellow';
    return `${safe(file)}:${line}  ${paint(colour, severity)}  ${path === '' ? 'the policy' : safe(path)} ${safe(says)}`;
  });
  const warnings = findings.length - errors;
  lines.push(
    errors > 0
      ? `${plural(errors, 'error')}, ${plural(warnings, 'warning')}`
      : `it can be used; ${plural(warnings, 'warning')}`,
  );
  return `${lines.join('\n')}\n`;
}
