/**
 * The cloud on this machine, until SIGTERM: node scripts/cloud/mirror.ts STATE_DIR. Needs the environment of
 * `scripts/emulators up`. Its first line is {"url","database"}.
 */
import { readFileSync } from 'node:fs';
import { startMirror } from '@vantio/functions/cloud/mirror';

const [stateDir = '.vantio'] = process.argv.slice(2);
const ddl = readFileSync(new URL('../../schema/spanner_ledger.ddl', import.meta.url), 'utf8');
const { url, database, close } = await startMirror({ stateDir, ddl });
process.stdout.write(`${JSON.stringify({ url, database })}\n`);
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.on(signal, () => {
    close();
    process.exit(0);
  });
