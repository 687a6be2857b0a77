import { type Checkpoint, openCheckpoint } from '@vantio/schema/tlog/checkpoint';
import { formatBundle, parseBundle } from '@vantio/schema/tlog/entry-bundle';
import type { NoteVerifier } from '@vantio/schema/tlog/note';
import { TILE_WIDTH, type Tile, tilePath } from '@vantio/schema/tlog/tiles';
import { TlogError } from '@vantio/schema/tlog/tlog-error';
import { HASH_BYTES } from '@vantio/schema/tlog/tree-hash';
import type { LogFiles } from './log-files.ts';

/**
 * A tile or bundle of a tree: the partial one, or the beginning of the full one that has taken its place.
 * @throws {TlogError} if neither is there.
 */
export async function readTileFile(files: LogFiles, tile: Tile): Promise<Uint8Array> {
  const bytes = await files.read(tilePath(tile));
  if (bytes !== undefined) return bytes;
  const full = await files.read(tilePath({ ...tile, width: TILE_WIDTH }));
  if (full === undefined) throw new TlogError('bad_tile', `${tilePath(tile)} is missing`);
  return tile.level === 'entries'
    ? formatBundle(parseBundle(full, TILE_WIDTH).slice(0, tile.width))
    : full.subarray(0, tile.width * HASH_BYTES);
}

/** The newest checkpoint; undefined before the first. @throws {TlogError} if it is of another key or log. */
export async function readLastCheckpoint(
  files: LogFiles,
  verifier: NoteVerifier | readonly NoteVerifier[],
): Promise<Checkpoint | undefined> {
  const bytes = await files.read('checkpoint');
  return bytes === undefined
    ? undefined
    : openCheckpoint(Buffer.from(bytes).toString('utf8'), verifier);
}
