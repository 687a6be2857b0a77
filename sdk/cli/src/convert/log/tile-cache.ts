import type { LogFiles } from '@vantio/functions/local';
import { type Tile, tilePath } from '@vantio/schema/tlog/tiles';
import type { ReadTile } from '@vantio/schema/tlog/tree-reader';
import { loadControlPlane } from '../../commands/local-control-plane.ts';

/** Entries one after the other need the same tiles: those at the end of a tree, and a few of their own. */
const MAX_TILES = 64;

/** Reads tiles, and keeps those that were wanted last. */
export async function createTileCache(files: LogFiles): Promise<ReadTile> {
  const { readTileFile } = await loadControlPlane();
  const kept = new Map<string, Uint8Array>();
  return async (tile: Tile) => {
    const path = tilePath(tile);
    const bytes = kept.get(path) ?? (await readTileFile(files, tile));
    kept.delete(path);
    kept.set(path, bytes);
    for (const oldest of kept.keys()) {
      if (kept.size <= MAX_TILES) break;
      kept.delete(oldest);
    }
    return bytes;
  };
}
