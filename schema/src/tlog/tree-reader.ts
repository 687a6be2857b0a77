import {
  consistencyRanges,
  foldSubtrees,
  inclusionRanges,
  type Range,
  requireSize,
  type Subtree,
  subtreesOf,
} from './subtrees.ts';
import { hashesOfTile, hashWithin, type Tile, tileAt, tileOfSubtree, tilePath } from './tiles.ts';
import { TlogError } from './tlog-error.ts';
import { EMPTY_ROOT } from './tree-hash.ts';

/** Gives the bytes of a tile of hashes. A reader of a later tree may give a full tile for a partial one. */
export type ReadTile = (tile: Tile) => Promise<Uint8Array>;

/**
 * Roots and proofs of a tree of `size`, from its tiles. What it says is only as true as the tiles: hold the root to a signed
 * checkpoint, and each proof to the root.
 * @throws {TlogError} from each call, for a tile that is cut short or missing in the tree.
 */
export function createTreeReader(size: number, readTile: ReadTile) {
  requireSize(size);

  /** The hashes of ranges, each tile read once. */
  const hashesOf = (ranges: readonly Range[]): Promise<readonly Uint8Array[]> => {
    const read = new Map<string, Promise<Uint8Array>>();

    const bytesOf = (tile: Tile): Promise<Uint8Array> => {
      const path = tilePath(tile);
      const bytes = read.get(path) ?? readTile(tile);
      read.set(path, bytes);
      return bytes;
    };

    const hashOfSubtree = async (subtree: Subtree): Promise<Uint8Array> => {
      const { level, index, from, to } = tileOfSubtree(subtree);
      const tile = tileAt(level, index, size);
      if (tile === undefined || tile.width < to)
        throw new TlogError('bad_index', `the tree of ${size} has no such subtree`);
      return hashWithin(hashesOfTile(tile, await bytesOf(tile)), from, to);
    };

    return Promise.all(
      ranges.map(async (range) =>
        foldSubtrees(await Promise.all(subtreesOf(range).map(hashOfSubtree))),
      ),
    );
  };

  return {
    root: async (): Promise<Uint8Array> =>
      foldedRoot(await hashesOf(size === 0 ? [] : [{ start: 0, end: size }])),
    /** Hashes that prove the leaf to be in the tree. */
    inclusion: async (index: number): Promise<readonly Uint8Array[]> =>
      hashesOf(inclusionRanges(index, size)),
    /** Hashes that prove a tree of `first` leaves to be the beginning of this one. */
    consistency: async (first: number): Promise<readonly Uint8Array[]> =>
      hashesOf(consistencyRanges(first, size)),
  };
}

const foldedRoot = ([root = EMPTY_ROOT]: readonly Uint8Array[]): Uint8Array => root;
