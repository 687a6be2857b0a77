import { readApiKey, receivedKey } from '@vantio/schema';
import { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { databaseFault, loadCloud, openCloudDatabase } from '../cloud/open-cloud.ts';
import { type Written, writeExport } from '../cloud/write-export.ts';
import { openLog } from '../cloud/write-log.ts';
import { readKeyFiles } from '../ledger/read-key-files.ts';
import { plural } from '../terminal/quantities.ts';
import { gather } from './option-types.ts';

type Options = {
  readonly database: string;
  readonly databaseRole: string;
  readonly keyFile: readonly string[];
  readonly out: string;
  readonly disclosures: boolean;
  readonly log?: true;
  readonly json?: true;
};

export const exportCommand = (): Command =>
  new Command('export')
    .summary("write a tenant's cloud ledger to a ledger file")
    .description(
      "Reads a tenant's records from Spanner in one strong read and writes them, in commit order, as a ledger file that\n" +
        '`vantio verify` and `vantio import` take, with the disclosures that were not erased in a file beside it. The tenant is\n' +
        'that of the keys; records and MACs are what the emitters sent, and the lines are chained anew.',
    )
    .requiredOption('--database <path>', 'projects/P/instances/I/databases/D')
    .option('--database-role <role>', 'database role to read under', 'console_reader')
    .option('--key-file <file>', "the tenant's API keys, one a line (repeatable)", gather, [])
    .requiredOption(
      '--out <file>',
      'file to write, NAME.ndjson; disclosures go to NAME.disclosures.ndjson; neither may exist',
    )
    .option('--no-disclosures', 'leave out the values behind commitments')
    .option(
      '--log',
      "also write the tenant's log to NAME.log beside it, and the lines in the log's order; needs a checkpoint",
    )
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Exit codes: 0 written; 2 bad arguments, a key that was not named, or a database that cannot be read.

Example:
  $ vantio export --database projects/p/instances/vantio/databases/vantio --key-file acme.keys --out acme.ndjson
  $ vantio verify acme.ndjson --key-file acme.keys
  $ vantio export --log --database projects/p/instances/vantio/databases/vantio --key-file acme.keys --out acme.ndjson
  $ vantio verify acme.ndjson --key-file acme.keys --vkey log.vkey`,
    )
    .action(runExport);

async function runExport(options: Options): Promise<void> {
  const apiKeys = readKeyFiles(options.keyFile);
  const tenants = new Set(apiKeys.map((apiKey) => readApiKey(apiKey).tenantId));
  const [tenantId] = tenants;
  if (tenantId === undefined || tenants.size > 1)
    throw new CliError('name the keys of one tenant with --key-file.');
  const cloud = await loadCloud();
  const database = await openCloudDatabase(cloud, options.database, options.databaseRole);
  try {
    // What was signed is read first: the rows, read later, have all of it.
    const log = options.log && (await openLog(cloud, database, tenantId, options.out));
    const lines = cloud.exportLedger({
      database,
      tenantId,
      receivedKeys: new Map(
        apiKeys.map((apiKey) => [readApiKey(apiKey).keyId, receivedKey(apiKey)]),
      ),
      ...(log ? { order: 'log' } : {}),
    });
    const written = await writeExport(
      log ? log.beside(lines) : lines,
      options.out,
      options.disclosures,
    );
    const leaves = log ? { log: log.directory, leaves: await log.finish() } : {};
    report({ out: options.out, tenant_id: tenantId, ...written, ...leaves }, options);
  } catch (error) {
    throw told(error);
  } finally {
    await database.close();
  }
}

function report(
  said: Written & {
    readonly out: string;
    readonly tenant_id: string;
    readonly log?: string;
    readonly leaves?: number;
  },
  { json }: Options,
): void {
  const { out, tenant_id, records, disclosures, log, leaves } = said;
  process.stdout.write(
    json
      ? `${JSON.stringify(said)}\n`
      : `${plural(records, 'record')} and ${plural(disclosures, 'disclosure')} of ${tenant_id} written to ${out}\n${log === undefined ? '' : `${plural(leaves ?? 0, 'leaf', 'leaves')} of the log written to ${log}\n`}`,
  );
}

function told(error: unknown): unknown {
  const { name, message } = (error ?? {}) as { readonly name?: unknown; readonly message?: string };
  if (name === 'ExportKeyError') return new CliError(`${message}.`);
  return databaseFault(error, 'read');
}
