import type { Database } from '@google-cloud/spanner';
import { TlogError } from '@vantio/schema/tlog/tlog-error';
import { openSealer } from '../../log/sealer.ts';
import type { LogIdentity } from '../log-key/log-identity.ts';
import type { Bucket } from '../storage/bucket.ts';
import { createCheckpoints, sizeOf } from './checkpoints.ts';
import { copyToBuckets } from './copy-to-buckets.ts';
import { leafEntries } from './leaf-entries.ts';
import { createRotations } from './rotations.ts';
import { type Sweep, sequence } from './sequence.ts';
import { createSignerRecords } from './signer-records.ts';
import { createTenantFiles } from './tenant-files.ts';
import { createTenantKeys } from './tenant-keys.ts';

export type SealTenantOptions = {
  readonly database: Database;
  /** Puts what the log says of its keys into the ledger: opened when there is such a thing to say. */
  readonly recorder: () => Promise<Database>;
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
/** Of what the keys want in one call: a hand-over and a few revocations. */
const MAX_STEPS = 20;

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
  const { database, recorder, settled, moving, identityOf } = options;
  const identity = await identityOf(tenantId);
  const checkpoints = createCheckpoints(database, tenantId);
  const rotations = createRotations(database, tenantId);
  const records = createSignerRecords(database, recorder, tenantId);
  const keys = createTenantKeys({ tenantId, identity, settled, checkpoints, rotations, records });
  const entries = (from: number, to: number) => leafEntries(database, tenantId, from, to);
  const open = () => createTenantFiles({ tenantId, settled, moving, entries, checkpoints });

  const publish = async (size: number): Promise<void> => {
    const newest = await checkpoints.newest();
    const signers = await keys.signersFor(newest, size);
    const sealer = await openSealer({ files: open(), ...signers, verifier: identity.verifier });
    // That checkpoint decided who signs: after another one it may be another key.
    if (sealer.published()?.size !== (newest && sizeOf(newest)))
      throw new TlogError('inconsistent', 'another sealer has signed a checkpoint of this log');
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
  let steps = 0;
  for (let isDone = false; !isDone; ) {
    const given = await sequence(database, tenantId, sweep);
    ({ size, isDone } = given);
    added += given.added;
    // No checkpoint says that there is nothing.
    if (size > 0) await publishAgainst(size);
    if (!isDone || !(await keys.advance())) continue;
    if (++steps > MAX_STEPS) throw new Error('the keys of the log want more than they can');
    isDone = false;
  }
  // The bucket holds the note, and is to hold the checkpoint that it is of.
  const copied =
    (sweep === 'all' || keys.hasHandedOver()) &&
    (await copyToBuckets({
      ...{ tenantId, files: open(), settled, moving },
      verifier: identity.verifier,
    }));
  return { size, added, copied };
}
