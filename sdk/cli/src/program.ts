import { Command } from 'commander';
import { convertCommand } from './commands/convert.ts';
import { dlqCommand } from './commands/dlq.ts';
import { doctorCommand } from './commands/doctor.ts';
import { eraseCommand } from './commands/erase.ts';
import { exportCommand } from './commands/export.ts';
import { importCommand } from './commands/import.ts';
import { keysCommand } from './commands/keys.ts';
import { logCommand } from './commands/log.ts';
import { monitorCommand } from './commands/monitor.ts';
import { policyCommand } from './commands/policy.ts';
import { runCommand } from './commands/run.ts';
import { serveCommand } from './commands/serve.ts';
import { showCommand } from './commands/show.ts';
import { tailCommand } from './commands/tail.ts';
import { verifyCommand } from './commands/verify.ts';
import { witnessCommand } from './commands/witness.ts';
import { settle } from './settle.ts';
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
    policyCommand(),
    keysCommand(),
    eraseCommand(),
    logCommand(),
    exportCommand(),
    dlqCommand(),
    importCommand(),
    convertCommand(),
    witnessCommand(),
    monitorCommand(),
  ])
    program.addCommand(command);
  return settle(program);
}
