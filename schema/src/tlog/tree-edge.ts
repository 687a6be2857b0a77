import { foldSubtrees, requireSize } from './subtrees.ts';
import { hashAt, hashesOfTile, hashWithin, TILE_WIDTH, type Tile, tileAt } from './tiles.ts';
import { EMPTY_ROOT, HASH_BYTES } from './tree-hash.ts';
import type { ReadTile } from './tree-reader.ts';

export type FilledTile = { readonly tile: Tile; readonly bytes: Uint8Array };

/** The last tile of a level, with room for all its hashes. */
type Edge = { index: number; width: number; readonly bytes: Uint8Array };

export type TreeEdge = {
  readonly size: () => number;
  readonly root: () => Uint8Array;
  readonly append: (leaf: Uint8Array) => void;
  /** The tiles of hashes that were filled since the last call. */
  readonly takeFullTiles: () => readonly FilledTile[];
  /** The tile at the right end of each level, as wide as it is now. */
  readonly partialTiles: () => readonly FilledTile[];
};

/**
 * The right edge of a tree, which is all that is needed to append to it: one tile a level, 8 KiB each.
 * @throws {TlogError} if a tile is cut short.
 */
export async function openTreeEdge(startSize: number, readTile: ReadTile): Promise<TreeEdge> {
  requireSize(startSize);
  const edges: Edge[] = [];
  for (let level = 0; TILE_WIDTH ** level <= startSize; level++) {
    const hashes = Math.floor(startSize / TILE_WIDTH ** level);
    const index = Math.floor(hashes / TILE_WIDTH);
    const edge = newEdge(index);
    const tile = tileAt(level, index, startSize);
    if (tile !== undefined) {
      edge.bytes.set(hashesOfTile(tile, await readTile(tile)));
      edge.width = tile.width;
    }
    edges.push(edge);
  }
  let size = startSize;
  let full: FilledTile[] = [];

  const push = (level: number, hash: Uint8Array): void => {
    let edge = edges[level];
    if (edge === undefined) {
      edge = newEdge(0);
      edges.push(edge);
    }
    edge.bytes.set(hash, edge.width * HASH_BYTES);
    edge.width++;
    if (edge.width < TILE_WIDTH) return;
    full.push({ tile: { level, index: edge.index, width: TILE_WIDTH }, bytes: edge.bytes });
    edges[level] = newEdge(edge.index + 1);
    push(level + 1, hashWithin(edge.bytes, 0, TILE_WIDTH));
  };

  return {
    size: () => size,
    root: () => (size === 0 ? EMPTY_ROOT : foldSubtrees(edges.toReversed().flatMap(peaksOf))),
    append: (leaf) => {
      push(0, leaf);
      size++;
    },
    takeFullTiles: () => {
      const tiles = full;
      full = [];
      return tiles;
    },
    partialTiles: () =>
      edges.flatMap(({ index, width, bytes }, level): FilledTile[] =>
        width === 0
          ? []
          : [{ tile: { level, index, width }, bytes: bytes.slice(0, width * HASH_BYTES) }],
      ),
  };
}

const newEdge = (index: number): Edge => ({
  index,
  width: 0,
  bytes: new Uint8Array(TILE_WIDTH * HASH_BYTES),
});

/** Hashes of the complete subtrees that a tile's hashes make, the largest first. */
function peaksOf({ width, bytes }: Edge): readonly Uint8Array[] {
  const peaks: Uint8Array[] = [];
  for (let at = 0; at < width; ) {
    let step = TILE_WIDTH / 2;
    while (at % step !== 0 || at + step > width) step /= 2;
    peaks.push(step === 1 ? hashAt(bytes, at) : hashWithin(bytes, at, at + step));
    at += step;
  }
  return peaks;
}
