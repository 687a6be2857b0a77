import { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { databaseFault, loadCloud, openCloudDatabase } from '../cloud/open-cloud.ts';
import { EXIT } from '../exit-codes.ts';
import { readEntries } from '../import/read-entries.ts';
import { parseAccepted, requireSound } from '../import/require-sound.ts';
import { leftOutNote } from '../import/sealers-keys.ts';
import { ledgerFamily } from '../ledger/ledger-family.ts';
import { readKeyFiles } from '../ledger/read-key-files.ts';
import { formatCount, plural } from '../terminal/quantities.ts';
import { gather } from './option-types.ts';

type Options = {
  readonly database: string;
  readonly databaseRole: string;
  readonly keyFile: readonly string[];
  readonly recordKey?: string;
  readonly accept: readonly string[];
  readonly dryRun?: true;
  readonly json?: true;
};

export const importCommand = (): Command =>
  new Command('import')
    .summary('put a ledger file, with all its files, in the cloud ledger')
    .description(
      'Verifies a ledger of local mode, or an export, and inserts what it holds in Spanner: records and MACs as they came,\n' +
        'when they were received, disclosures, and every line with its place and received_mac. Each is there once, however\n' +
        "often and from wherever it is imported; an import that was broken off goes on where it was. Spanner's own time of a\n" +
        'record is then the time of its import.',
    )
    .argument('<file...>', 'ledger files; NAME.ndjson stands for its whole family')
    .requiredOption('--database <path>', 'projects/P/instances/I/databases/D')
    .option('--database-role <role>', 'database role to write under', 'importer')
    .option('--key-file <file>', 'API keys of all its lines, one a line (repeatable)', gather, [])
    .option('--record-key <file>', 'API key to write the `import` record under')
    .option(
      '--accept <check>',
      'take a ledger in which verify finds this wrong: gap, conflict, chain, session_signature, after_end, origin or disclosure (repeatable)',
      gather,
      [],
    )
    .option('--dry-run', 'verify, look what is there already, and insert nothing')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
A ledger that vantio verify rejects is refused before anything is inserted, and so is one with lines under a key that was
not named, or without one of its rotated files. What vantio serve writes of itself is under a key of its own, control.key
in its state directory. A disclosure comes with its record; of a record that was there before, it does not: it may have
been erased. What the sealer of an exported log says of the log's own keys is left out, which is said: nobody keeps the
keys of those lines, and the log begins anew.

Exit codes: 0 all of it is in the database; 1 the ledger does not verify, or was changed while it was read; 2 bad
arguments, or a file or database that cannot be read or written.

Examples:
  $ vantio import ledger.ndjson --database projects/p/instances/vantio/databases/vantio --key-file acme.keys --key-file .vantio/control.key
  $ vantio import ledger.ndjson --database … --key-file acme.keys --key-file .vantio/control.key --dry-run --json
  $ vantio import ledger.ndjson --database … --key-file acme.keys --key-file .vantio/control.key --record-key acme.keys --accept gap`,
    )
    .action(runImport);

const PROGRESS_LINES = 10_000;

async function runImport(names: readonly string[], options: Options): Promise<void> {
  const accepted = parseAccepted(options.accept);
  const apiKeys = readKeyFiles(options.keyFile);
  const recordKey = oneKey(options.recordKey);
  const files = [...new Map(names.flatMap(ledgerFamily).map((file) => [file.path, file])).values()];
  const cloud = await loadCloud();
  const spanner = await openCloudDatabase(cloud, options.database, options.databaseRole);
  const dryRun = options.dryRun ?? false;
  try {
    const sound = requireSound(files, apiKeys, accepted);
    const { outcome, sealers } = sound;
    const leftOut = leftOutNote(sealers);
    if (leftOut !== undefined) process.stderr.write(`${leftOut}\n`);
    const database = await cloud.openImportDatabase(spanner);
    let told = 0;
    const imported = await cloud.importLedger({
      database,
      entries: readEntries(files, apiKeys, sound),
      dryRun,
      onProgress: ({ lines: done }) => {
        if (done - told < PROGRESS_LINES) return;
        told = done;
        process.stderr.write(
          `${formatCount(done)} of ${formatCount(outcome.records)} lines looked at\n`,
        );
      },
    });
    const made = dryRun ? [] : await cloud.recordImports(database, imported.imports, recordKey);
    report({ ...imported, made, files: files.map(({ path }) => path), dryRun }, options);
  } catch (error) {
    throw told(error);
  } finally {
    await spanner.close();
  }
}

type Said = Awaited<ReturnType<Awaited<ReturnType<typeof loadCloud>>['importLedger']>> & {
  readonly made: readonly string[];
  readonly files: readonly string[];
  readonly dryRun: boolean;
};

function report(said: Said, { json, recordKey }: Options): void {
  const { lines, already, records, duplicates, disclosures, imports, made, files, dryRun } = said;
  if (json) {
    const chains = imports.map((row) => ({
      chain_id: row.ChainId,
      chain_lines: row.ChainLines,
      chain_head: row.ChainHead,
      tenant_id: row.TenantId,
      tenant_lines: row.TenantLines,
    }));
    const counts = { lines, already, records, duplicates, disclosures };
    process.stdout.write(
      `${JSON.stringify({ dry_run: dryRun, files, ...counts, chains, import_records: made })}\n`,
    );
    return;
  }
  const verb = dryRun ? 'would be imported' : 'imported';
  process.stdout.write(
    `${plural(lines, 'line')}, ${formatCount(already)} of them imported before: ${plural(records, 'record')} and ${plural(disclosures, 'disclosure')} ${verb}, ${plural(duplicates, 'record')} in the ledger before\n`,
  );
  for (const { ChainId, ChainLines, TenantId, TenantLines } of imports)
    process.stdout.write(
      `chain ${ChainId.slice(0, 16)}  ${plural(ChainLines, 'line')}  ${TenantId} ${formatCount(TenantLines)}\n`,
    );
  if (made.length > 0) process.stdout.write(`${plural(made.length, 'import record')} written\n`);
  else if (recordKey === undefined && !dryRun && records > 0)
    process.stdout.write('no import record written: no --record-key was named\n');
}

function oneKey(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  const keys = readKeyFiles([file]);
  if (keys.length !== 1)
    throw new CliError(`--record-key wants a file with one API key; ${file} holds ${keys.length}.`);
  return keys[0];
}

function told(error: unknown): unknown {
  const { name, message } = (error ?? {}) as { readonly name?: unknown; readonly message?: string };
  if (name === 'ImportRefusedError') return new CliError(`${message}.`, EXIT.usage);
  return databaseFault(error, 'written');
}
