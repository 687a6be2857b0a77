import { EnvelopeError } from '@vantio/schema';
import { type LogEntry, parseLogEntry } from '@vantio/schema/log-entry';
import { parseBundle } from '@vantio/schema/tlog/entry-bundle';
import { TILE_WIDTH, tileAt, tilePath } from '@vantio/schema/tlog/tiles';
import { TlogError } from '@vantio/schema/tlog/tlog-error';
import type { LogBuckets } from './tenant-files.ts';
import { objectName } from './tenant-files.ts';

/** A bundle of a tenant's log, as its bucket has it. */
export type StoredBundle = {
  /** Index of its first leaf. */
  readonly from: number;
  readonly entries: readonly Uint8Array[];
};

/**
 * Every bundle that the buckets hold of a tenant, from the first on: the full ones, and the partial one at the edge of the
 * checkpoint that was copied.
 * @param size of that checkpoint.
 * @throws {TlogError} if one below it is missing or damaged.
 */
export async function* readBundles(
  { settled, moving }: { readonly [Name in keyof LogBuckets]: Pick<LogBuckets[Name], 'read'> },
  tenantId: string,
  size: number,
): AsyncGenerator<StoredBundle> {
  for (let index = 0; ; index++) {
    const from = index * TILE_WIDTH;
    const path = tilePath({ level: 'entries', index, width: TILE_WIDTH });
    const full = await settled.read(objectName(tenantId, path));
    if (full !== undefined) {
      yield { from, entries: parseBundle(full, TILE_WIDTH) };
      continue;
    }
    const tile = tileAt('entries', index, size);
    if (tile === undefined) return;
    const partial = await moving.read(objectName(tenantId, tilePath(tile)));
    if (partial === undefined)
      throw new TlogError('bad_tile', `${tilePath(tile)} of ${tenantId} is in no bucket`);
    yield { from, entries: parseBundle(partial, tile.width) };
    return;
  }
}

/** @throws {TlogError} if it is no entry of this tenant's log. */
export function entryOf(tenantId: string, bytes: Uint8Array, index: number): LogEntry {
  try {
    const entry = parseLogEntry(Buffer.from(bytes).toString());
    if (entry.record.tenant_id === tenantId) return entry;
  } catch (error) {
    if (!(error instanceof EnvelopeError)) throw error;
  }
  throw new TlogError('bad_bundle', `entry ${index} is none of the log of ${tenantId}`);
}
