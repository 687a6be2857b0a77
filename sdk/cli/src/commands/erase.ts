import { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { type CloudOptions, eraseFromCloud } from '../erase/erase-from-cloud.ts';
import {
  readSelection,
  readWhy,
  type SelectionOptions,
  type WhyOptions,
} from '../erase/read-selection.ts';
import { EXIT } from '../exit-codes.ts';
import { SEGMENT } from '../ledger/ledger-family.ts';
import { plural } from '../terminal/quantities.ts';
import { DEFAULT_STATE_DIR, loadControlPlane, stateDirOf, told } from './local-control-plane.ts';
import { gather } from './option-types.ts';

type Options = SelectionOptions &
  WhyOptions &
  Omit<CloudOptions, 'database'> & {
    readonly database?: string;
    readonly stateDir?: string;
    readonly json?: true;
  };

export const eraseCommand = (): Command =>
  new Command('erase')
    .summary('erase values behind commitments, and record it')
    .description(
      'Erases the values (names of agents, paths) that records hold only as commitments, and puts an erasure record in the\n' +
        'ledger for each. The records themselves stay: ledger and log still verify, and verify says how many values were\n' +
        'erased. Of a local ledger it rewrites the disclosures files; in the cloud it deletes rows.',
    )
    .argument(
      '[ledger]',
      'local ledger, NAME.ndjson, with all its files; no server may be writing it',
    )
    .option('--event <id>', "this event's values (repeatable)", gather, [])
    .option('--tenant <name>', "this tenant's values")
    .option('--trace <id>', "this trace's values; of records of no trace, this session's")
    .option('--field <name>', 'only this field: agent_name, exec_path, file_path, interpreter_path')
    .option('--before <instant>', 'only of events before it, such as 2026-10-01T00:00:00Z')
    .option('--reason <code>', 'why, for the record: a code such as gdpr_art_17')
    .option('--member <id>', 'who asked for it, for the record: an opaque id of 32 hex digits')
    .option('--dry-run', 'count what is meant, and change nothing')
    .option(
      '--state-dir <dir>',
      `where the control plane keeps its keys (default: VANTIO_STATE_DIR, or ${DEFAULT_STATE_DIR})`,
    )
    .option('--database <path>', 'projects/P/instances/I/databases/D, instead of a local ledger')
    .option('--database-role <role>', 'database role to erase under', 'eraser')
    .option('--ingest-url <url>', 'where ingest is; with --database')
    .option('--key-file <file>', "the control plane's API key; with --database")
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
All that is given must hold of a value. The records come first: if this is cut short, no value is gone without its record,
and the same command again erases the rest. What is gone here may still be in backups, exports and agents' spools:
functions/OPERATE.md says where and for how long.

Exit codes: 0 erased, also when there was nothing to erase; 1 some lines of disclosures could not be read and stay, or ingest
did not take the records; 2 bad arguments, a ledger that a server is writing, or files or a database that cannot be written.

Examples:
  $ vantio erase ledger.ndjson --event 0190a4e2-7c00-7000-8000-0af7651916cd
  $ vantio erase ledger.ndjson --tenant acme --field agent_name --before 2026-10-01T00:00:00Z --dry-run
  $ vantio erase --database projects/p/instances/vantio/databases/vantio --tenant acme --trace 4bf92f3577b34da6a3ce929d0e0e4736 \\
      --ingest-url https://vantio.example.com --key-file control.key`,
    )
    .action(erase);

async function erase(ledger: string | undefined, options: Options): Promise<void> {
  const selection = readSelection(options);
  const why = readWhy(options);
  const { database, dryRun } = options;
  if ((ledger === undefined) === (database === undefined))
    throw new CliError('name one of the two: a local ledger file, or --database.');
  if (database !== undefined) {
    const { values, recorded } = await eraseFromCloud({ ...options, database }, selection, why);
    say(options, { dry_run: dryRun === true, values, recorded });
    return;
  }
  requireLedgerName(ledger ?? '');
  const { eraseLocal } = await loadControlPlane();
  try {
    const erasure = await eraseLocal({
      ledgerFile: ledger ?? '',
      stateDir: stateDirOf(options),
      selection,
      ...why,
      ...(dryRun === true ? { dryRun } : {}),
      log: (message) => process.stderr.write(`vantio: ${message}\n`),
    });
    const { values, recordedBefore, files, unreadable } = erasure;
    const recorded = dryRun === true ? 0 : values - recordedBefore;
    say(options, { dry_run: dryRun === true, values, recorded, files, unreadable });
  } catch (error) {
    throw told(error);
  }
}

function requireLedgerName(file: string): void {
  if (!/[^/]\.ndjson$/.test(file) || file.endsWith('.disclosures.ndjson'))
    throw new CliError(
      `${file} does not name a ledger; name its active file, such as ledger.ndjson, which stands for all of its files.`,
    );
  if (SEGMENT.test(file) || /\.w-[0-9a-f]{16}\.ndjson$/.test(file))
    throw new CliError(
      `${file} is one file of a ledger; name the active one, NAME.ndjson, which stands for all of them.`,
    );
}

type Said = {
  readonly dry_run: boolean;
  readonly values: number;
  readonly recorded: number;
  readonly files?: number;
  readonly unreadable?: number;
};

function say({ json }: Options, said: Said): void {
  const { dry_run, values, recorded, files, unreadable = 0 } = said;
  const where = files === undefined ? '' : ` in ${plural(files, 'file')}`;
  if (json) process.stdout.write(`${JSON.stringify(said)}\n`);
  else if (dry_run)
    process.stdout.write(
      `${plural(values, 'value')}${where} would be erased; nothing was changed\n`,
    );
  else
    process.stdout.write(
      `${plural(values, 'value')}${where} erased, ${plural(recorded, 'erasure record')} written\n`,
    );
  if (unreadable === 0) return;
  process.exitCode = EXIT.wrong;
  process.stderr.write(
    `vantio: ${plural(unreadable, 'line')} of disclosures cannot be read, and may hold what is meant; vantio verify names each: take them out by hand.\n`,
  );
}
