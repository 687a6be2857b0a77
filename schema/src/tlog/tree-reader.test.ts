import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { naiveConsistency, naiveInclusion, naiveRoot } from './naive-tree.ts';
import { tilePath } from './tiles.ts';
import { grow, madeUpLeaves, tilesInMemory } from './tiles-in-memory.ts';
import { TlogError } from './tlog-error.ts';
import { createTreeReader } from './tree-reader.ts';
import { verifyConsistency, verifyInclusion } from './verify-proof.ts';

const LARGEST = 70_000;
const leaves = madeUpLeaves(LARGEST);
const hex = (hashes: readonly Uint8Array[]): readonly string[] =>
  hashes.map((hash) => Buffer.from(hash).toString('hex'));
const isHash = (bytes?: Uint8Array): Uint8Array => bytes ?? assert.fail('no such leaf');

/** Holds what the tiles of a tree say to what the RFC says word by word, and to the verifier. */
async function holdToOracle(size: number, index: number, first: number): Promise<void> {
  const own = leaves.slice(0, size);
  const { edge, tiles } = await grow(own);
  const reader = createTreeReader(size, tiles.read);
  const root = naiveRoot(own);
  assert.equal(edge.size(), size);
  assert.deepEqual(hex([edge.root(), await reader.root()]), hex([root, root]));
  const inclusion = await reader.inclusion(index);
  assert.deepEqual(hex(inclusion), hex(naiveInclusion(index, own)));
  verifyInclusion({ index, size, leaf: isHash(own[index]), hashes: inclusion, root });
  const consistency = await reader.consistency(first);
  assert.deepEqual(hex(consistency), hex(naiveConsistency(first, own)));
  verifyConsistency({
    first: { size: first, root: naiveRoot(own.slice(0, first)) },
    second: { size, root },
    hashes: consistency,
  });
}

test('roots and proofs are those of RFC 6962 at every size up to 300', async () => {
  for (let size = 1; size <= 300; size++) {
    await holdToOracle(size, size - 1, size);
    await holdToOracle(size, (size * 7) % size, Math.floor(size / 2));
    await holdToOracle(size, Math.floor((size * 5) / 7), Math.floor((size * 6) / 7));
  }
});

test('every proof of every tree of up to 40 leaves is that of RFC 6962', async () => {
  for (let size = 1; size <= 40; size++)
    for (let at = 0; at < size; at++) await holdToOracle(size, at, at + 1);
});

test('roots and proofs are those of RFC 6962 where tiles fill, and at any size up to 70,000', async () => {
  for (const size of [255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, LARGEST])
    await holdToOracle(size, size - 1, Math.min(size, 256));
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: LARGEST }),
      fc.nat(LARGEST),
      fc.nat(LARGEST),
      (size, index, first) => holdToOracle(size, index % size, first % (size + 1)),
    ),
    { numRuns: 12 },
  );
});

test('the tree of no leaves has its root, and no proof', async () => {
  const reader = createTreeReader(0, tilesInMemory().read);
  assert.deepEqual(hex([await reader.root()]), hex([naiveRoot([])]));
  assert.deepEqual(await reader.consistency(0), []);
  await assert.rejects(reader.inclusion(0), { code: 'bad_index' });
});

test('a size, index or earlier size that is none is refused by name', async () => {
  const { tiles } = await grow(leaves.slice(0, 5));
  for (const size of [-1, 1.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY])
    assert.throws(() => createTreeReader(size, tiles.read), { code: 'bad_size' });
  const reader = createTreeReader(5, tiles.read);
  for (const index of [-1, 5, 0.5, Number.NaN, 2 ** 53])
    await assert.rejects(reader.inclusion(index), { code: 'bad_index' });
  for (const first of [-1, 6, 0.5, Number.NaN, 2 ** 53])
    await assert.rejects(reader.consistency(first), { code: 'bad_size' });
});

test('a full tile stands in for the partial one that grew into it, and one of any other length is refused', async () => {
  const { tiles } = await grow(leaves.slice(0, 300));
  const full = isHash(tiles.files.get('tile/0/000'));
  const reads = (bytes: Uint8Array) => createTreeReader(100, async () => bytes).root();
  assert.deepEqual(hex([await reads(full)]), hex([naiveRoot(leaves.slice(0, 100))]));
  for (const length of [0, 31, 99 * 32, 100 * 32 - 1, 101 * 32, 255 * 32, 257 * 32])
    await assert.rejects(
      reads(Buffer.concat([full, full]).subarray(0, length)),
      (error) => error instanceof TlogError && error.code === 'bad_tile',
    );
});

test('a reader of the largest tree asks for no tile that such a tree does not have', async () => {
  const asked: string[] = [];
  const reader = createTreeReader(Number.MAX_SAFE_INTEGER, async (tile) => {
    asked.push(tilePath(tile));
    return new Uint8Array(tile.width * 32);
  });
  await reader.root();
  await reader.inclusion(2 ** 52 + 1);
  await reader.consistency(2 ** 52 + 3);
  assert.ok(asked.includes('tile/0/x035/x184/x372/x088/831.p/255'));
  assert.ok(asked.includes('tile/6/000.p/31'));
});
