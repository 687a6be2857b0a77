/**
 * The cloud on this machine, until SIGTERM: node scripts/cloud/mirror.ts STATE_DIR. Needs the environment of
 * `scripts/emulators up`. Its first line is {"url","database"} and either "vkey", that of the log of tenant VANTIO_MIRROR_TENANT
 * (demo), or "noLog", why there is none.
 */
import { readFileSync } from 'node:fs';
import {
  missingStorageServer,
  startMirror,
  startStorageServer,
} from '@vantio/functions/cloud/mirror';

const [stateDir = '.vantio'] = process.argv.slice(2);
const tenant = process.env.VANTIO_MIRROR_TENANT ?? 'demo';
const ddl = readFileSync(new URL('../../schema/spanner_ledger.ddl', import.meta.url), 'utf8');
const noLog = missingStorageServer();
const storage = noLog === false ? await startStorageServer() : undefined;
const { url, database, verifierKeyOf, close } = await startMirror({
  stateDir,
  ddl,
  ...(storage ? { storage } : {}),
});
const log = noLog === false ? { vkey: verifierKeyOf?.(tenant) } : { noLog };
process.stdout.write(`${JSON.stringify({ url, database, ...log })}\n`);
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.on(signal, () => {
    close();
    process.exit(0);
  });
