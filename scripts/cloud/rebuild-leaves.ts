/**
 * Puts the leaves of a tenant's log back from its bundles, after a restore of the database. Runs as whoever the Application
 * Default Credentials name, under no database role: none may do this.
 */
import { parseArgs } from 'node:util';
import { logOriginOf, openBucket, openDatabase, rebuildLeaves } from '@vantio/functions/cloud';
import { createNoteVerifier } from '@vantio/schema/tlog/note-keys';

const USAGE = `usage: scripts/rebuild-leaves --database projects/P/instances/I/databases/D --tenant NAME --log-name NAME
         --log-public-key HEX[,HEX] --settled BUCKET --moving BUCKET [--rows]

  --log-public-key   all keys that the logs have had
  --rows             also put back rows of the ledger that are missing, with the commit time that the log has of them

Exit codes: 0 done; 1 refused, and the reason said; 64 bad arguments.`;

const option = { type: 'string', default: '' } as const;
const options = {
  ...{ database: option, tenant: option, settled: option, moving: option, 'log-name': option },
  'log-public-key': option,
  rows: { type: 'boolean', default: false },
} as const;

function readArguments() {
  try {
    const { values } = parseArgs({ options });
    if (
      /^projects\/[^/]+\/instances\/[^/]+\/databases\/[^/]+$/.test(values.database) &&
      /^[0-9a-f]{64}(,[0-9a-f]{64})*$/.test(values['log-public-key']) &&
      [values.tenant, values.settled, values.moving, values['log-name']].every((one) => one !== '')
    )
      return values;
  } catch {
    // Said below.
  }
  console.error(USAGE);
  process.exit(64);
}

const values = readArguments();
const database = await openDatabase({ path: values.database, role: undefined, concurrency: 1 });
try {
  const name = logOriginOf(values['log-name'], values.tenant);
  const verifier = values['log-public-key']
    .split(',')
    .map((hex) => Buffer.from(hex, 'hex'))
    .map((publicKey) => createNoteVerifier({ name, type: 'ed25519', publicKey }));
  const buckets = { settled: openBucket(values.settled), moving: openBucket(values.moving) };
  const { leaves, addedLeaves, addedRows } = await rebuildLeaves(
    { database, ...buckets, verifier, withRows: values.rows },
    values.tenant,
  );
  console.log(
    `${leaves} leaves are in the bundles: ${addedLeaves} leaves and ${addedRows} rows put back`,
  );
} catch (error) {
  const { name, message } = error as Error;
  if (name !== 'TlogError') throw error;
  console.error(`scripts/rebuild-leaves: ${message}`);
  process.exitCode = 1;
} finally {
  await database.close();
}
