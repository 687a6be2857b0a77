import { formatBundle } from '../../tlog/entry-bundle.ts';
import { hashAt, TILE_WIDTH, tileAt, tilePath } from '../../tlog/tiles.ts';
import type { FilledTile, TreeEdge } from '../../tlog/tree-edge.ts';
import { equalHashes, HASH_BYTES, leafHash } from '../../tlog/tree-hash.ts';
import type { Place } from '../finding.ts';
import type { LogFiles, Report } from './log-files.ts';
import { createTileFiles } from './tile-file.ts';

export type TreeWalkOptions = {
  readonly size: number;
  /** Of an empty tree. */
  readonly edge: TreeEdge;
  readonly files: LogFiles;
  readonly report: Report;
  /** What a line must be in the place of an entry, where it is not the entry's very bytes. */
  readonly entryOf?: (line: Uint8Array, entry: Uint8Array) => Uint8Array | undefined;
};

/** A line of the ledger; its bytes are unknown where it could not be read as text. */
export type WalkedLine = { readonly bytes: Uint8Array | undefined; readonly place: Place };

/**
 * Goes through a tree from its first leaf to its last, and makes it anew from its leaves. At one time it holds the right edge,
 * one tile of a level and one bundle.
 */
export function createTreeWalk({ size, edge, files, report, entryOf }: TreeWalkOptions) {
  const tiles = createTileFiles(files, report);
  const counts = { tiles: 0, bundles: 0 };
  let index = 0;
  let entries: readonly Uint8Array[] | undefined;
  let leaves: Uint8Array | undefined;
  /** What the entries hash to. */
  let own: Uint8Array | undefined;
  /** A leaf is unknown, and so is every root from there on. */
  let isBlind = false;
  /** The line before was not its entry: the next ones need not be told one by one. */
  let isAstray = false;

  const load = (at: number): void => {
    const tile = tileAt(0, at, size);
    const bundle = tileAt('entries', at, size);
    if (tile === undefined || bundle === undefined) return;
    const stored = tiles.hashes(tile);
    entries = tiles.entries(bundle);
    own = entries && hashAll(entries);
    if (stored) counts.tiles++;
    if (entries) counts.bundles++;
    if (stored && own && Buffer.compare(stored, own) !== 0)
      for (let entry = 0; entry < bundle.width; entry++)
        if (!equalHashes(hashAt(stored, entry), hashAt(own, entry)))
          report({
            check: 'log_leaf',
            severity: 'wrong',
            file: files.nameOf(tilePath(bundle)),
            message: `entry ${index + entry} of the log does not hash to its leaf in ${tilePath(tile)}`,
          });
    leaves = stored ?? own;
    if (stored)
      tiles.requireBeginnings(tile, (width) => ({ bytes: stored.subarray(0, width * HASH_BYTES) }));
    const whole = entries;
    if (whole)
      tiles.requireBeginnings(bundle, (width) => ({ bytes: formatBundle(whole.slice(0, width)) }));
  };

  const isEntry = (line: Uint8Array, at: number): boolean => {
    const entry = entries?.[at];
    // Nothing is left to hold it to: the missing files were told already.
    if (leaves === undefined || (entryOf && entry === undefined)) return true;
    const made = entryOf && entry ? entryOf(line, entry) : line;
    if (made === undefined) return false;
    // It need not be hashed again where it is the entry. Where it is not, the bundle may be what is wrong.
    const isSame = own && entry && Buffer.compare(made, entry) === 0;
    return equalHashes(isSame ? hashAt(own as Uint8Array, at) : leafHash(made), hashAt(leaves, at));
  };

  /** What a level's tile must hold, for it was made of the level below. */
  const holdTile = ({ tile, bytes }: FilledTile): void => {
    if (tile.level === 0) return;
    const stored = tiles.hashes(tile);
    if (stored === undefined) return;
    counts.tiles++;
    if (Buffer.compare(stored, bytes) !== 0)
      report({
        check: 'log_root',
        severity: 'wrong',
        file: files.nameOf(tilePath(tile)),
        message: 'does not hold what the tiles of the level below make',
      });
    tiles.requireBeginnings(tile, (width) => ({ bytes: stored.subarray(0, width * HASH_BYTES) }));
  };

  /**
   * Takes the next leaf, of which there is one.
   * @param line what the ledger has in its place; undefined if nobody knows.
   * @returns whether the line is the entry.
   */
  const step = (line: WalkedLine | undefined): boolean => {
    const at = index % TILE_WIDTH;
    if (at === 0) load(index / TILE_WIDTH);
    const holds = line?.bytes !== undefined && isEntry(line.bytes, at);
    if (line !== undefined && !holds && !isAstray)
      report({
        check: 'log_leaf',
        severity: 'wrong',
        message: `the line is not entry ${index} of the log`,
        ...line.place,
      });
    isAstray = line !== undefined && !holds;
    if (leaves === undefined) isBlind = true;
    if (leaves !== undefined && !isBlind) edge.append(hashAt(leaves, at));
    index++;
    if (index % TILE_WIDTH === 0) for (const filled of edge.takeFullTiles()) holdTile(filled);
    if (index === size && !isBlind) for (const partial of edge.partialTiles()) holdTile(partial);
    return holds;
  };

  return {
    step,
    index: () => index,
    /** Neither tile nor bundle is there for the last leaf: if no line is left, either, nothing more can be told. */
    isLost: () => leaves === undefined,
    skip: (): void => {
      isBlind = true;
      index = size;
    },
    /** Root over the leaves so far; undefined if one of them is unknown. */
    root: () => (isBlind ? undefined : edge.root()),
    counts,
  };
}

function hashAll(entries: readonly Uint8Array[]): Uint8Array {
  const hashes = new Uint8Array(entries.length * HASH_BYTES);
  for (const [at, entry] of entries.entries()) hashes.set(leafHash(entry), at * HASH_BYTES);
  return hashes;
}
