import { type Checkpoint, openCheckpoint } from '@vantio/schema/tlog/checkpoint';
import type { NoteVerifier } from '@vantio/schema/tlog/note';
import { TILE_WIDTH, type Tile, tileAt, tilePath } from '@vantio/schema/tlog/tiles';
import { TlogError } from '@vantio/schema/tlog/tlog-error';
import { equalHashes } from '@vantio/schema/tlog/tree-hash';
import { createTreeReader } from '@vantio/schema/tlog/tree-reader';
import { verifyConsistency } from '@vantio/schema/tlog/verify-proof';
import type { LogFiles } from '../../log/log-files.ts';
import { readLastCheckpoint, readTileFile } from '../../log/read-log.ts';
import { type Bucket, NO_GENERATION } from '../storage/bucket.ts';
import { putOnce } from '../storage/put-once.ts';
import { isFromRows, objectName } from './tenant-files.ts';

export type CopyOptions = {
  readonly tenantId: string;
  readonly files: LogFiles;
  readonly verifier: readonly NoteVerifier[];
  readonly settled: Pick<Bucket, 'read' | 'create'>;
  readonly moving: Bucket;
};

/**
 * Puts the newest checkpoint into the buckets, with what its tree has beside the full tiles: the log is whole there then,
 * without the database. A checkpoint gets there only after it was in the database, so one there that the database does not
 * lead to says that the database was turned back or changed.
 * @returns whether there was something to copy.
 * @throws {TlogError} `inconsistent`, and then nothing is copied.
 */
export async function copyToBuckets(options: CopyOptions): Promise<boolean> {
  const { tenantId, files, verifier, settled, moving } = options;
  const name = objectName(tenantId, 'checkpoint');
  for (;;) {
    // In this order: what another one copies meanwhile is in the database before.
    const there = await moving.readCurrent(name);
    const newest = await readLastCheckpoint(files, verifier);
    const copied = there && openCheckpoint(Buffer.from(there.bytes).toString(), verifier);
    await requireContinued(files, copied, newest);
    if (newest === undefined || copied?.size === newest.size) return false;
    for (const tile of partialsOf(newest.size)) {
      const bytes = await readTileFile(files, tile);
      await putOnce(moving, objectName(tenantId, tilePath(tile)), bytes);
    }
    const note = (await files.read(`checkpoints/${newest.size}`)) ?? new Uint8Array(0);
    await putOnce(settled, objectName(tenantId, `checkpoints/${newest.size}`), note);
    if (!(await moving.replace(name, note, there?.generation ?? NO_GENERATION))) continue;
    const current = new Set(partialsOf(newest.size).map(tilePath));
    for (const path of partialsOf(copied?.size ?? 0).map(tilePath))
      if (!current.has(path)) await moving.remove(objectName(tenantId, path));
    return true;
  }
}

/** The tile and the bundle at the right end of the lowest level, where they are partial. */
const partialsOf = (size: number): readonly Tile[] =>
  ([0, 'entries'] as const).flatMap((level) => {
    const tile = tileAt(level, Math.floor(size / TILE_WIDTH), size);
    return tile !== undefined && isFromRows(tile) ? [tile] : [];
  });

async function requireContinued(
  files: LogFiles,
  copied: Checkpoint | undefined,
  newest: Checkpoint | undefined,
): Promise<void> {
  if (copied === undefined) return;
  if (newest === undefined || newest.size < copied.size)
    throw new TlogError(
      'inconsistent',
      `the bucket holds a checkpoint of ${copied.size} leaves, the database one of ${newest?.size ?? 0}: it was turned back`,
    );
  if (newest.size === copied.size) {
    if (!equalHashes(newest.root, copied.root))
      throw new TlogError('inconsistent', 'the bucket holds another checkpoint of this size');
    return;
  }
  const tree = createTreeReader(newest.size, (tile) => readTileFile(files, tile));
  const hashes = await tree.consistency(copied.size);
  verifyConsistency({ first: copied, second: newest, hashes });
}
