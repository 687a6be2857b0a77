import { MAX_ENTRY_BYTES, parseBundle } from '../../tlog/entry-bundle.ts';
import { TILE_WIDTH, type Tile, tilePath } from '../../tlog/tiles.ts';
import { TlogError } from '../../tlog/tlog-error.ts';
import { HASH_BYTES } from '../../tlog/tree-hash.ts';
import type { LogFiles, Report, Scratch } from './log-files.ts';

const MAX_BUNDLE_BYTES = TILE_WIDTH * (MAX_ENTRY_BYTES + 2);

/** Reads tiles and bundles, and tells of those that are missing or of another length than their place has. */
export function createTileFiles(files: LogFiles, report: Report) {
  const scratch: Scratch = { bytes: new Uint8Array(0) };

  const fault = (path: string, message: string): undefined => {
    report({ check: 'log_tile', severity: 'wrong', file: files.nameOf(path), message });
  };

  const fullPath = (tile: Tile): string => tilePath({ ...tile, width: TILE_WIDTH });

  /** The file of this place; where a partial one was dropped, the full one that took its place. */
  const find = (tile: Tile, maxBytes: number, scratch?: Scratch) => {
    const path = tilePath(tile);
    const bytes = files.read(path, maxBytes, scratch);
    if (bytes !== undefined || tile.width === TILE_WIDTH) return { path, width: tile.width, bytes };
    const full = files.read(fullPath(tile), maxBytes, scratch);
    return full === undefined
      ? { path, width: tile.width, bytes: full }
      : { path: fullPath(tile), width: TILE_WIDTH, bytes: full };
  };

  /** The hashes of a tile. */
  const hashes = (tile: Tile): Uint8Array | undefined => {
    const { path, width, bytes } = find(tile, TILE_WIDTH * HASH_BYTES);
    if (bytes === undefined) return fault(path, 'is missing: a tile of the tree');
    const length = width * HASH_BYTES;
    if (bytes === 'over') return fault(path, `has more than the ${length} bytes of its place`);
    if (bytes.length !== length)
      return fault(path, `has ${bytes.length} bytes, not the ${length} of its place`);
    return bytes.subarray(0, tile.width * HASH_BYTES);
  };

  /** The entries of a bundle; those of the one before are gone then. */
  const entries = (tile: Tile): readonly Uint8Array[] | undefined => {
    const { path, width, bytes } = find(tile, MAX_BUNDLE_BYTES, scratch);
    if (bytes === undefined) return fault(path, 'is missing: a bundle of the tree');
    if (bytes === 'over') return fault(path, `has more than ${MAX_BUNDLE_BYTES} bytes`);
    try {
      return parseBundle(bytes, width).slice(0, tile.width);
    } catch (error) {
      if (error instanceof TlogError) return fault(path, error.message);
      throw error;
    }
  };

  /** Partial forms that earlier trees left behind must be the beginning of what the place holds now. */
  const requireBeginnings = (
    tile: Tile,
    beginning: (width: number) => { readonly bytes: Uint8Array },
  ): void => {
    for (const width of files.partialWidths(fullPath(tile))) {
      if (width >= tile.width) continue;
      const path = tilePath({ ...tile, width });
      const { bytes } = beginning(width);
      const found = files.read(path, bytes.length);
      if (found === undefined) continue;
      if (found === 'over' || found.length !== bytes.length)
        fault(path, 'has another length than its place has');
      else if (Buffer.compare(found, bytes) !== 0)
        report({
          check: tile.level === 'entries' || tile.level === 0 ? 'log_leaf' : 'log_root',
          severity: 'wrong',
          file: files.nameOf(path),
          message: `is not the beginning of ${tilePath(tile)}`,
        });
    }
  };

  return { hashes, entries, requireBeginnings };
}
