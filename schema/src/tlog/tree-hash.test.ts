import assert from 'node:assert/strict';
import { test } from 'node:test';
import { naiveLeaf, naiveRoot } from './naive-tree.ts';
import { grow } from './tiles-in-memory.ts';
import { EMPTY_ROOT, equalHashes, leafHash } from './tree-hash.ts';
import { createTreeReader } from './tree-reader.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

// The test tree of Certificate Transparency's own implementations.
const INPUTS = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

test('the tree of Certificate Transparency has the roots that are known of it, at each of its sizes', async () => {
  const entries = INPUTS.map((input) => Buffer.from(input, 'hex'));
  assert.deepEqual(entries.map(leafHash).map(hex), entries.map(naiveLeaf).map(hex));
  assert.equal(hex(EMPTY_ROOT), ROOTS[0]);
  for (const [size, root] of ROOTS.entries()) {
    const leaves = entries.slice(0, size).map(leafHash);
    const { edge, tiles } = await grow(leaves);
    assert.equal(hex(naiveRoot(leaves)), root);
    assert.equal(hex(edge.root()), root);
    assert.equal(hex(await createTreeReader(size, tiles.read).root()), root);
  }
});

test('hashes are equal in all of their bytes, and in their number', () => {
  const hash = leafHash(Buffer.of(1));
  assert.ok(equalHashes(hash, Uint8Array.from(hash)));
  for (const length of [0, 31]) {
    assert.ok(!equalHashes(hash.subarray(0, length), hash));
    assert.ok(!equalHashes(hash, hash.subarray(0, length)));
  }
  assert.ok(!equalHashes(hash, leafHash(Buffer.of(2))));
});
