import { type Command, CommanderError } from 'commander';
import { CliError } from './cli-error.ts';
import { EXIT } from './exit-codes.ts';
import { escapeText } from './terminal/escape-text.ts';

/** Runs a command line to its end and sets the exit code; what the user can put right is one sentence on standard error. */
export async function runProgram(program: Command): Promise<void> {
  // `vantio show … | head` closes our output early; that is no error of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok);
    throw error;
  });
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = report(error);
  }
}

function report(error: unknown): number {
  // Commander has already said what is wrong; what it exits 0 for are --help and --version.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (!(error instanceof CliError)) throw error;
  process.stderr.write(`vantio: ${escapeText(error.message)}\n`);
  return error.exitCode;
}
