import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { naiveRoot } from './naive-tree.ts';
import { type Tile, tilePath, tilesBetween } from './tiles.ts';
import { grow, madeUpLeaves, type TilesInMemory, tilesInMemory } from './tiles-in-memory.ts';
import { type FilledTile, openTreeEdge } from './tree-edge.ts';
import { createTreeReader, type ReadTile } from './tree-reader.ts';

const LARGEST = 70_000;
const leaves = madeUpLeaves(LARGEST);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const hashTiles = (from: number, size: number): readonly Tile[] =>
  [...tilesBetween(from, size)].filter(({ level }) => level !== 'entries');
const isFull = ({ width }: Tile): boolean => width === 256;
const not = (holds: (tile: Tile) => boolean) => (tile: Tile) => !holds(tile);
const pathsIn = (from: number, size: number, holds: (tile: Tile) => boolean): readonly string[] =>
  hashTiles(from, size).filter(holds).map(tilePath).sort();
const pathsOf = (tiles: readonly FilledTile[]): readonly string[] =>
  tiles.map(({ tile }) => tilePath(tile)).sort();
const contentOf = (tiles: readonly FilledTile[]): readonly string[] =>
  tiles.map(({ tile, bytes }) => `${tilePath(tile)} ${hex(bytes)}`).sort();

/** As a folder does of which partial tiles were deleted once the full ones were there. */
const fullOrPartial =
  ({ files, read }: TilesInMemory): ReadTile =>
  async (tile) =>
    files.get(tilePath({ ...tile, width: 256 })) ?? read(tile);

const whole = await grow(leaves);

test('what changed between two sizes is what the edge gives, whatever was taken before', async () => {
  const sizes = fc.array(fc.nat(1500), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(sizes, async (asked) => {
      const edge = await openTreeEdge(0, tilesInMemory().read);
      let from = 0;
      for (const size of asked.toSorted((a, b) => a - b)) {
        for (const leaf of leaves.slice(from, size)) edge.append(leaf);
        assert.deepEqual(pathsOf(edge.takeFullTiles()), pathsIn(from, size, isFull));
        assert.deepEqual(edge.takeFullTiles(), []);
        // Those that did not change since are there again.
        assert.deepEqual(pathsOf(edge.partialTiles()), pathsIn(0, size, not(isFull)));
        from = size;
      }
    }),
    { numRuns: 100 },
  );
});

test('tiles written at some sizes are enough to read the tree of each of them', async () => {
  const stops = [1, 2, 255, 256, 257, 600, 65_535, 65_536, 65_537, LARGEST];
  const { tiles } = await grow(leaves, stops);
  for (const stop of stops)
    assert.equal(
      hex(await createTreeReader(stop, tiles.read).root()),
      hex(naiveRoot(leaves.slice(0, stop))),
    );
  const named = [...stops.entries()].flatMap(([at, stop]) => hashTiles(stops[at - 1] ?? 0, stop));
  assert.deepEqual([...tiles.files.keys()].sort(), [...new Set(named.map(tilePath))].sort());
});

/** Reopens the tree at `from`, lets it grow to `size`, and holds it to one that was never closed. */
async function reopen(from: number, size: number): Promise<void> {
  const edge = await openTreeEdge(from, fullOrPartial(await atSize(from)));
  assert.equal(edge.size(), from);
  assert.equal(hex(edge.root()), hex(naiveRoot(leaves.slice(0, from))));
  assert.deepEqual(edge.takeFullTiles(), []);
  for (const leaf of leaves.slice(from, size)) edge.append(leaf);
  const { edge: straight } = await grow(leaves.slice(0, from), []);
  for (const leaf of leaves.slice(from, size)) straight.append(leaf);
  assert.equal(hex(edge.root()), hex(straight.root()));
  assert.deepEqual(contentOf(edge.takeFullTiles()), contentOf(straight.takeFullTiles()));
  assert.deepEqual(contentOf(edge.partialTiles()), contentOf(straight.partialTiles()));
}

/** What is on disk of a tree of `size` in a log that has grown to the largest: its full tiles, and partial ones of then. */
async function atSize(size: number): Promise<TilesInMemory> {
  const { tiles } = await grow(leaves.slice(0, size));
  const files = new Map([...whole.tiles.files, ...tiles.files]);
  return { ...tiles, files, read: async (tile) => files.get(tilePath(tile)) ?? assert.fail() };
}

test('an edge that is opened again at any size goes on as if it had never been closed', async () => {
  for (const from of [0, 1, 2, 3, 254, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537])
    await reopen(from, from + 300);
  await fc.assert(
    fc.asyncProperty(fc.nat(LARGEST - 1000), fc.nat(1000), (from, more) =>
      reopen(from, from + more),
    ),
    { numRuns: 15 },
  );
});

test('bytes that the edge gave stay as they were when it grows on', async () => {
  const { edge } = await grow(leaves.slice(0, 200));
  const given: FilledTile[] = [];
  const before: string[] = [];
  for (const leaf of leaves.slice(200, 1000)) {
    edge.append(leaf);
    const tiles = [...edge.takeFullTiles(), ...edge.partialTiles()];
    given.push(...tiles);
    before.push(...tiles.map(({ bytes }) => hex(bytes)));
  }
  assert.deepEqual(
    given.map(({ bytes }) => hex(bytes)),
    before,
  );
});

test('a tile that is cut short, and a size that is none, keep an edge from being opened', async () => {
  const cut: ReadTile = async ({ width }) => new Uint8Array(width * 32 - 1);
  await assert.rejects(openTreeEdge(3, cut), { code: 'bad_tile' });
  for (const size of [-1, 0.5, Number.NaN, 2 ** 53])
    await assert.rejects(openTreeEdge(size, cut), { code: 'bad_size' });
});
