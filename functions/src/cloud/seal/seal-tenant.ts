import type { Database } from '@google-cloud/spanner';
import { TlogError } from '@vantio/schema/tlog/tlog-error';
import { openSealer } from '../../log/sealer.ts';
import type { LogIdentity } from '../log-key/open-log-key.ts';
import type { Bucket } from '../storage/bucket.ts';
import { createCheckpoints } from './checkpoints.ts';
import { copyToBuckets } from './copy-to-buckets.ts';
import { leafEntries } from './leaf-entries.ts';
import { type Sweep, sequence } from './sequence.ts';
import { createTenantFiles } from './tenant-files.ts';

export type SealTenantOptions = {
  readonly database: Database;
  readonly settled: Pick<Bucket, 'read' | 'create'>;
  readonly moving: Bucket;
  /** Who signs a tenant's log, under its origin. */
  readonly identityOf: (tenantId: string) => Promise<LogIdentity>;
};

export type Sealed = {
  /** Leaves that the newest checkpoint covers. */
  readonly size: number;
  readonly added: number;
  readonly copied: boolean;
};

const ENTRIES_AT_ONCE = 1024;
const MAX_LOSSES = 10;

/**
 * Makes a tenant's committed rows into leaves and signs what they add up to; with `all`, looks at every row of the tenant and
 * copies the checkpoint into the buckets as well.
 *
 * The order of leaves is in the database before a leaf is hashed, so whoever goes on after a kill, and whoever runs beside,
 * makes the same tree: there is no other.
 * @throws {TlogError} if the log is not what was signed; nothing is signed then.
 */
export async function sealTenant(
  options: SealTenantOptions,
  tenantId: string,
  sweep: Sweep,
): Promise<Sealed> {
  const { database, settled, moving, identityOf } = options;
  const identity = await identityOf(tenantId);
  const checkpoints = createCheckpoints(database, tenantId);
  const entries = (from: number, to: number) => leafEntries(database, tenantId, from, to);
  const open = () => createTenantFiles({ tenantId, settled, moving, entries, checkpoints });

  const publish = async (size: number): Promise<void> => {
    const sealer = await openSealer({ files: open(), ...identity });
    while (sealer.size() < size) {
      const until = Math.min(sealer.size() + ENTRIES_AT_ONCE, size);
      const next = await entries(sealer.size(), until);
      if (next === undefined) throw new TlogError('inconsistent', 'leaves of the log are gone');
      await sealer.append(next);
    }
    await sealer.publish();
  };

  const publishAgainst = async (size: number): Promise<void> => {
    for (let losses = 0; ; losses++) {
      const before = await checkpoints.newest();
      try {
        return await publish(size);
      } catch (error) {
        // Whoever signed meanwhile signed a tree that this one begins with, or begins: it is looked at again.
        const after = await checkpoints.newest();
        if (losses === MAX_LOSSES || String(before) === String(after)) throw error;
      }
    }
  };

  let size = 0;
  let added = 0;
  for (let isDone = false; !isDone; ) {
    const given = await sequence(database, tenantId, sweep);
    ({ size, isDone } = given);
    added += given.added;
    // No checkpoint says that there is nothing.
    if (size > 0) await publishAgainst(size);
  }
  const copied =
    sweep === 'all' &&
    (await copyToBuckets({ tenantId, files: open(), settled, moving, ...identity }));
  return { size, added, copied };
}
