import { Command, type OutputConfiguration } from 'commander';
import { convertCommand } from './commands/convert.ts';
import { dlqCommand } from './commands/dlq.ts';
import { doctorCommand } from './commands/doctor.ts';
import { eraseCommand } from './commands/erase.ts';
import { exportCommand } from './commands/export.ts';
import { importCommand } from './commands/import.ts';
import { keysCommand } from './commands/keys.ts';
import { runCommand } from './commands/run.ts';
import { serveCommand } from './commands/serve.ts';
import { showCommand } from './commands/show.ts';
import { tailCommand } from './commands/tail.ts';
import { verifyCommand } from './commands/verify.ts';
import { witnessCommand } from './commands/witness.ts';
import { escapeText } from './terminal/escape-text.ts';
import { VERSION } from './version.ts';

/** Every command of `vantio`. Wrong arguments throw; nothing here ends the process. */
export function createProgram(): Command {
  const program = new Command('vantio')
    .description(
      'Records what AI agents do, and checks the records without trusting who kept them.',
    )
    .version(VERSION, '-V, --version')
    .enablePositionalOptions()
    .addHelpText(
      'after',
      `
Each command has --json. Exit codes: 0 well; 1 what was looked at is wrong; 2 wrong arguments or unreadable input; run
exits as its program does, and witness has codes of its own for alarms.

Examples:
  $ vantio serve --output-file ledger.ndjson
  $ vantio keys create --tenant acme --out agent.key
  $ vantio run --key-file agent.key -- node app.js
  $ vantio show ledger.ndjson
  $ vantio verify ledger.ndjson --key-file agent.key`,
    );
  for (const command of [
    runCommand(),
    serveCommand(),
    verifyCommand(),
    showCommand(),
    tailCommand(),
    doctorCommand(),
    keysCommand(),
    eraseCommand(),
    exportCommand(),
    dlqCommand(),
    importCommand(),
    convertCommand(),
    witnessCommand(),
  ])
    program.addCommand(command);
  return settle(program);
}

/** Commander hands these settings down only to commands made by it, not to those added. */
function settle(command: Command): Command {
  const output: OutputConfiguration = {
    outputError: (text, write) => {
      const said = escapeText(
        text
          .replace(/^error: /, '')
          .trimEnd()
          .replace(/\n/g, ' '),
      );
      write(`vantio: ${said.replace(/\.$/, '')}; see ${nameOf(command)} --help\n`);
    },
  };
  command.exitOverride().configureOutput(output);
  for (const child of command.commands) settle(child);
  return command;
}

const nameOf = (command: Command): string =>
  command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
