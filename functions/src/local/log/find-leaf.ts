import { statSync } from 'node:fs';
import { join } from 'node:path';
import { parseBundle } from '@vantio/schema/tlog/entry-bundle';
import { TILE_WIDTH, tileAt, tilePath } from '@vantio/schema/tlog/tiles';
import type { LogFiles } from '../../log/log-files.ts';
import { readTileFile } from '../../log/read-log.ts';
import { sizeOf } from '../ndjson/family.ts';
import type { LedgerPlace } from '../ndjson/store.ts';
import type { LedgerView } from './ledger-lines.ts';

/**
 * Finds the leaf of a line by where the line starts: a full bundle holds as many bytes as its lines, and a byte more for each of
 * its 256. Memory: a number for each full bundle.
 */
export function createFindLeaf(files: LogFiles, directory: string, ledger: LedgerView) {
  /** Where the first line of each bundle starts, over all segments together; the last is behind the last full bundle. */
  const starts = [0];

  const learn = (bundles: number): void => {
    while (starts.length <= bundles) {
      const index = starts.length - 1;
      const path = join(directory, tilePath({ level: 'entries', index, width: TILE_WIDTH }));
      starts.push((starts[index] ?? 0) + statSync(path).size - TILE_WIDTH);
    }
  };

  const positionOf = ({ segment, offset }: LedgerPlace): number => {
    let position = offset;
    for (let before = 1; before < segment; before++) position += sizeOf(ledger.pathOf(before));
    return position;
  };

  /** @returns undefined if the log of `size` leaves does not hold the line. */
  return async (
    place: LedgerPlace,
    size: number,
  ): Promise<{ readonly index: number; readonly entry: Uint8Array } | undefined> => {
    learn(Math.floor(size / TILE_WIDTH));
    const position = positionOf(place);
    const bundle = lastNotAbove(starts, position);
    const tile = tileAt('entries', bundle, size);
    if (tile === undefined) return undefined;
    let at = starts[bundle] ?? 0;
    for (const [within, entry] of parseBundle(
      await readTileFile(files, tile),
      tile.width,
    ).entries()) {
      if (at === position) return { index: bundle * TILE_WIDTH + within, entry };
      at += entry.length + 1;
    }
    return undefined;
  };
}

/** Index of the last of rising numbers that is not above `sought`. */
function lastNotAbove(numbers: readonly number[], sought: number): number {
  let [low, high] = [0, numbers.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((numbers[middle] ?? 0) <= sought) low = middle;
    else high = middle - 1;
  }
  return low;
}
