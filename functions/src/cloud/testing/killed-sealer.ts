import { spawnSync } from 'node:child_process';
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { logIdentity, originOf } from '../log-key/log-identity.ts';
import { sealTenant } from '../seal/seal-tenant.ts';
import { openDatabase } from '../spanner/open-database.ts';
import { openBucket } from '../storage/open-bucket.ts';
import { mortal } from './mortal.ts';
import { LOG_NAME, logKeyOf, type Sealing } from './sealing.ts';

type Task = {
  readonly path: string;
  readonly buckets: { readonly settled: string; readonly moving: string };
  readonly tenantId: string;
  /** PKCS#8 PEM of the key in charge and of the next one. */
  readonly keys: readonly [string, string];
  /** Fault point at which it ends; absent: at none. */
  readonly dieAt?: number;
};

/**
 * Seals a tenant whose key hands over, in a process of its own, which ends by SIGKILL at a fault point.
 * @returns fault points that it passed; `killed` if it ended at one.
 */
export function sealAndDie(
  { path, buckets }: Pick<Sealing, 'path' | 'buckets'>,
  tenantId: string,
  keys: readonly [KeyObject, KeyObject],
  dieAt?: number,
): number | 'killed' {
  const pems = keys.map((key) => key.export({ type: 'pkcs8', format: 'pem' }).toString());
  const task = {
    ...{ path, buckets, tenantId, keys: pems },
    ...(dieAt === undefined ? {} : { dieAt }),
  };
  const script = `const { sealInThisProcess } = await import(${JSON.stringify(import.meta.url)});
    await sealInThisProcess(JSON.parse(process.argv[1]));`;
  const { signal, stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', script, JSON.stringify(task)],
    { encoding: 'utf8' },
  );
  if (signal === 'SIGKILL') return 'killed';
  const passed = /^passed ([0-9]+)$/m.exec(stdout)?.[1];
  if (passed === undefined) throw new Error(`the sealer ended by itself: ${stderr}`);
  return Number(passed);
}

export async function sealInThisProcess({ path, buckets, tenantId, keys, dieAt }: Task) {
  const [current, next] = keys.map((pem) => logKeyOf(createPrivateKey(pem)));
  if (current === undefined || next === undefined) throw new Error('two keys were given');
  const database = await openDatabase({ path, role: undefined, concurrency: 4 });
  const publicKeys = [current.publicKey, next.publicKey];
  const { parts, passed } = mortal(
    {
      database,
      recorder: async () => database,
      settled: openBucket(buckets.settled),
      moving: openBucket(buckets.moving),
      identityOf: async (id) =>
        logIdentity(originOf(LOG_NAME, id), { current, next, publicKeys, revoked: [] }),
    },
    dieAt,
    () => process.kill(process.pid, 'SIGKILL'),
  );
  await sealTenant(parts, tenantId, 'all');
  process.stdout.write(`passed ${passed()}\n`);
  process.exit();
}
