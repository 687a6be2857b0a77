import { requireSize, type Subtree } from './subtrees.ts';
import { TlogError } from './tlog-error.ts';
import { HASH_BYTES, nodeHash } from './tree-hash.ts';

/** Hashes of a full tile, and entries of a full bundle (C2SP tlog-tiles). */
export const TILE_WIDTH = 256;
const TILE_LEVELS = 8;
const MAX_TILE_LEVEL = 63;

/** A tile of hashes, or with `level` 'entries' a bundle of entries. A `width` below 256 makes it partial. */
export type Tile = {
  readonly level: number | 'entries';
  readonly index: number;
  readonly width: number;
};

/** Path under the log's prefix: `tile/LEVEL/INDEX[.p/WIDTH]`. */
export function tilePath({ level, index, width }: Tile): string {
  const partial = width === TILE_WIDTH ? '' : `.p/${width}`;
  return `tile/${level}/${indexPath(index)}${partial}`;
}

function indexPath(index: number): string {
  const groups = String(index).padStart(Math.ceil(String(index).length / 3) * 3, '0');
  return groups.replace(/[0-9]{3}(?=[0-9])/g, 'x$&/');
}

const PATH =
  /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

/**
 * Inverse of `tilePath`. The path may be an attacker's.
 * @throws {TlogError}
 */
export function parseTilePath(path: string): Tile {
  const [, level = '', groups = '', width = ''] = PATH.exec(path) ?? [];
  const tile: Tile = {
    level: level === 'entries' ? level : Number(level),
    index: Number(groups.replace(/[x/]/g, '')),
    width: width === '' ? TILE_WIDTH : Number(width),
  };
  if (
    level === '' ||
    Number(level) > MAX_TILE_LEVEL ||
    tile.width > TILE_WIDTH ||
    !Number.isSafeInteger(tile.index) ||
    tilePath(tile) !== path
  )
    throw new TlogError('bad_path', 'the path is not that of a tile (C2SP tlog-tiles)');
  return tile;
}

/** How many hashes the tiles of a level hold together in a tree of `size`. */
const hashesOfLevel = (level: number, size: number): number =>
  Math.floor(size / TILE_WIDTH ** level);

/** The tile of a tree of `size` at this place, as wide as it is there; undefined if the tree has none. */
export function tileAt(level: number | 'entries', index: number, size: number): Tile | undefined {
  const hashes = hashesOfLevel(level === 'entries' ? 0 : level, size);
  const width = Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH);
  return width > 0 ? { level, index, width } : undefined;
}

/**
 * Every tile and bundle of a tree of `size` that a tree of `from` does not have: what is to be written when it grows, or
 * from 0 on what a copy of it consists of.
 */
export function* tilesBetween(from: number, size: number): Iterable<Tile> {
  requireSize(from);
  requireSize(size);
  for (const level of ['entries', ...levelsOf(size)] as const) {
    const [before, now] = [from, size].map((each) =>
      hashesOfLevel(level === 'entries' ? 0 : level, each),
    ) as [number, number];
    if (now === before) continue;
    for (let index = Math.floor(before / TILE_WIDTH); ; index++) {
      const tile = tileAt(level, index, size);
      if (tile === undefined) break;
      yield tile;
    }
  }
}

function* levelsOf(size: number): Iterable<number> {
  for (let level = 0; hashesOfLevel(level, size) > 0; level++) yield level;
}

/** Where the hash of a subtree is found: the hashes of a tile from `from` to before `to`, hashed together. */
export function tileOfSubtree({ level, index }: Subtree): {
  readonly level: number;
  readonly index: number;
  readonly from: number;
  readonly to: number;
} {
  const tileLevel = Math.floor(level / TILE_LEVELS);
  const hashes = 2 ** (level % TILE_LEVELS);
  const start = index * hashes;
  const tileIndex = Math.floor(start / TILE_WIDTH);
  const from = start - tileIndex * TILE_WIDTH;
  return { level: tileLevel, index: tileIndex, from, to: from + hashes };
}

export const hashAt = (tile: Uint8Array, at: number): Uint8Array =>
  tile.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);

/** Hash of a complete subtree from the hashes of a tile, whose number from `from` to before `to` is a power of two. */
export function hashWithin(tile: Uint8Array, from: number, to: number): Uint8Array {
  if (to - from === 1) return hashAt(tile, from);
  const middle = (from + to) / 2;
  return nodeHash(hashWithin(tile, from, middle), hashWithin(tile, middle, to));
}

/**
 * The hashes of a tile; of a full tile that stands in for a partial one, which grew into it, as many as the partial one has.
 * @throws {TlogError} if the file is of another length.
 */
export function hashesOfTile(tile: Tile, bytes: Uint8Array): Uint8Array {
  const isFull = bytes.length === TILE_WIDTH * HASH_BYTES;
  const hashes = isFull ? bytes.subarray(0, tile.width * HASH_BYTES) : bytes;
  requireTileBytes(tile, hashes);
  return hashes;
}

/** @throws {TlogError} unless the file holds exactly the hashes of its place. */
export function requireTileBytes(tile: Tile, bytes: Uint8Array): void {
  if (bytes.length !== tile.width * HASH_BYTES)
    throw new TlogError(
      'bad_tile',
      `${tilePath(tile)} holds ${bytes.length} bytes, not ${tile.width * HASH_BYTES}`,
    );
}
