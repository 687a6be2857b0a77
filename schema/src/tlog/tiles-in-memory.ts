import { tilePath } from './tiles.ts';
import { type FilledTile, openTreeEdge, type TreeEdge } from './tree-edge.ts';
import { leafHash } from './tree-hash.ts';
import type { ReadTile } from './tree-reader.ts';

/** A log's folder, for the tests: what was ever written, by path. */
export type TilesInMemory = {
  readonly files: Map<string, Uint8Array>;
  readonly read: ReadTile;
  readonly write: (tiles: readonly FilledTile[]) => void;
};

export function tilesInMemory(): TilesInMemory {
  const files = new Map<string, Uint8Array>();
  return {
    files,
    read: async (tile) => {
      const bytes = files.get(tilePath(tile));
      if (bytes === undefined) throw new Error(`${tilePath(tile)} was never written`);
      return bytes;
    },
    write: (tiles) => {
      for (const { tile, bytes } of tiles) files.set(tilePath(tile), Uint8Array.from(bytes));
    },
  };
}

export const madeUpEntry = (index: number): Uint8Array => Buffer.from(`entry ${index}`);

export const madeUpLeaves = (size: number): readonly Uint8Array[] =>
  Array.from({ length: size }, (_, index) => leafHash(madeUpEntry(index)));

/** All that is to be written when a checkpoint is to be signed. */
const tilesOf = (edge: TreeEdge): readonly FilledTile[] => [
  ...edge.takeFullTiles(),
  ...edge.partialTiles(),
];

/** An edge over the made-up leaves from 0 to before `size`, its tiles taken at each of `stops` and at the end. */
export async function grow(
  leaves: readonly Uint8Array[],
  stops: readonly number[] = [],
): Promise<{ readonly edge: TreeEdge; readonly tiles: TilesInMemory }> {
  const tiles = tilesInMemory();
  const edge = await openTreeEdge(0, tiles.read);
  for (const [index, leaf] of leaves.entries()) {
    if (stops.includes(index)) tiles.write(tilesOf(edge));
    edge.append(leaf);
  }
  tiles.write(tilesOf(edge));
  return { edge, tiles };
}
