import { createWriteStream, rmSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { readApiKey, receivedKey } from '@vantio/schema';
import { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { readKeyFiles } from '../ledger/read-key-files.ts';
import { gather } from './option-types.ts';

type Options = {
  readonly database: string;
  readonly databaseRole: string;
  readonly keyFile: readonly string[];
  readonly out: string;
  readonly json?: true;
};

export const exportCommand = (): Command =>
  new Command('export')
    .summary("write a tenant's cloud ledger to a ledger file")
    .description(
      "Reads a tenant's records from Spanner in one strong read and writes them, in commit order, as a ledger file that\n" +
        '`vantio verify` takes. The tenant is that of the keys; records and MACs are what the emitters sent.',
    )
    .requiredOption('--database <path>', 'projects/P/instances/I/databases/D')
    .option('--database-role <role>', 'database role to read under', 'console_reader')
    .option('--key-file <file>', "the tenant's API keys, one a line (repeatable)", gather, [])
    .requiredOption('--out <file>', 'file to write; it must not exist')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Exit codes: 0 written; 2 bad arguments, a key that was not named, or a database that cannot be read.

Example:
  $ vantio export --database projects/p/instances/vantio/databases/vantio --key-file acme.keys --out acme.ndjson
  $ vantio verify acme.ndjson --key-file acme.keys`,
    )
    .action(runExport);

async function runExport(options: Options): Promise<void> {
  const apiKeys = readKeyFiles(options.keyFile);
  const tenants = new Set(apiKeys.map((apiKey) => readApiKey(apiKey).tenantId));
  const [tenantId] = tenants;
  if (tenantId === undefined || tenants.size > 1)
    throw new CliError('name the keys of one tenant with --key-file.');
  const { exportLedger, openDatabase } = await import('@vantio/functions/cloud');
  const emulated = process.env.SPANNER_EMULATOR_HOST !== undefined;
  const database = await openDatabase({
    path: options.database,
    // The emulator knows no roles.
    role: emulated ? undefined : options.databaseRole,
    concurrency: 1,
  });
  const lines = exportLedger({
    database,
    tenantId,
    receivedKeys: new Map(apiKeys.map((apiKey) => [readApiKey(apiKey).keyId, receivedKey(apiKey)])),
  });
  let records = 0;
  const counted = async function* (): AsyncGenerator<string> {
    for await (const line of lines) {
      records++;
      yield line;
    }
  };
  try {
    await pipeline(counted, createWriteStream(options.out, { flags: 'wx', mode: 0o600 }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') rmSync(options.out, { force: true });
    throw told(error, options.out);
  } finally {
    await database.close();
  }
  const said = { out: options.out, tenant_id: tenantId, records };
  process.stdout.write(
    options.json
      ? `${JSON.stringify(said)}\n`
      : `${records} records of ${tenantId} written to ${options.out}\n`,
  );
}

/** The database's own words may hold what was asked for; its code says enough. */
function told(error: unknown, out: string): unknown {
  const { code, name, message } = (error ?? {}) as {
    readonly code?: unknown;
    readonly name?: unknown;
    readonly message?: string;
  };
  if (name === 'ExportKeyError') return new CliError(`${message}.`);
  if (code === 'EEXIST') return new CliError(`${out} exists; an export never writes over a file.`);
  if (typeof code === 'number')
    return new CliError(`the database cannot be read (gRPC code ${code}).`);
  return error;
}
