import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { Command, Option } from 'commander';
import { CliError, systemCode } from '../cli-error.ts';
import { loadCloud } from '../cloud/open-cloud.ts';
import { readEntries } from '../import/read-entries.ts';
import { parseAccepted, requireSound } from '../import/require-sound.ts';
import { ledgerFamily } from '../ledger/ledger-family.ts';
import { readKeyFiles } from '../ledger/read-key-files.ts';
import { formatBytes, plural } from '../terminal/quantities.ts';
import { gather } from './option-types.ts';

type Options = {
  readonly to: 'csv' | 'avro';
  readonly out: string;
  readonly uri?: string;
  readonly keyFile: readonly string[];
  readonly accept: readonly string[];
  readonly json?: true;
};

export const convertCommand = (): Command =>
  new Command('convert')
    .summary('write a ledger as files that Google loads into Spanner')
    .description(
      'Verifies a ledger and writes what vantio import would insert as CSV or Avro, with the manifests that the templates of\n' +
        'Dataflow read. vantio import is the simpler way, and needs fewer rights; this one is for ledgers too large for it.',
    )
    .argument('<file...>', 'ledger files; NAME.ndjson stands for its whole family')
    .addOption(
      new Option('--to <format>', 'csv or avro').choices(['csv', 'avro']).makeOptionMandatory(),
    )
    .requiredOption('--out <directory>', 'where to write; it must be empty, or not there')
    .option('--uri <gs://…>', 'where the files will lie, for the manifest of CSV files')
    .option('--key-file <file>', 'API keys of all its lines, one a line (repeatable)', gather, [])
    .option(
      '--accept <check>',
      'take a ledger in which verify finds this wrong, as vantio import does (repeatable)',
      gather,
      [],
    )
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
The files hold neither generated columns nor commit timestamps: see functions/IMPORT.md for how to load them, and what of
it was never run.

Exit codes: 0 written; 1 the ledger does not verify, or was changed while it was read; 2 bad arguments, or files that
cannot be read or written.

Examples:
  $ vantio convert ledger.ndjson --to avro --out load --key-file acme.keys --key-file .vantio/control.key
  $ vantio convert ledger.ndjson --to csv --out load --uri gs://bucket/load --key-file acme.keys --key-file .vantio/control.key`,
    )
    .action(runConvert);

async function runConvert(names: readonly string[], options: Options): Promise<void> {
  const { to, out, json } = options;
  const accepted = parseAccepted(options.accept);
  const uri = uriOf(options);
  const apiKeys = readKeyFiles(options.keyFile);
  const files = [...new Map(names.flatMap(ledgerFamily).map((file) => [file.path, file])).values()];
  const { convertLedger } = await loadCloud();
  const { outcome, lines } = requireSound(files, apiKeys, accepted);
  const repeating = new Set(
    outcome.sessions
      .filter(({ words }) => words.includes('conflict'))
      .map(({ sessionId }) => sessionId),
  );
  makeEmpty(out);
  try {
    const converted = await convertLedger({
      entries: readEntries(files, apiKeys, { lines }),
      directory: out,
      format: to,
      uri,
      mayRepeat: (sessionId) => repeating.has(sessionId),
    });
    if (json) process.stdout.write(`${JSON.stringify({ out, format: to, ...converted })}\n`);
    else {
      for (const { name, rows, bytes } of converted.files)
        process.stdout.write(`${out}/${name}  ${plural(rows, 'row')}  ${formatBytes(bytes)}\n`);
      process.stdout.write(`${out}/${converted.manifest}\n`);
    }
  } catch (error) {
    rmSync(out, { recursive: true, force: true });
    throw error instanceof Error && 'syscall' in error
      ? new CliError(`${out} cannot be written (${systemCode(error)}); nothing of it was kept.`)
      : error;
  }
}

function uriOf({ to, uri }: Options): string {
  if (to === 'avro') {
    if (uri !== undefined)
      throw new CliError('--uri is for --to csv: manifests of Avro files name them by themselves.');
    return '';
  }
  if (uri === undefined || !/^gs:\/\/[^/]+(\/.*)?$/.test(uri))
    throw new CliError(
      '--to csv wants --uri gs://BUCKET/FOLDER: its manifest names files by where they will lie.',
    );
  return uri;
}

function makeEmpty(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (readdirSync(directory).length === 0) return;
  } catch (error) {
    throw new CliError(
      `${directory} cannot be written (${systemCode(error)}); check the path and its rights.`,
    );
  }
  throw new CliError(`${directory} is not empty; name a directory that is, or is not there.`);
}
