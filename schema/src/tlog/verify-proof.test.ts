import assert from 'node:assert/strict';
import { test } from 'node:test';
import { naiveConsistency, naiveInclusion, naiveRoot } from './naive-tree.ts';
import { madeUpLeaves } from './tiles-in-memory.ts';
import { TlogError } from './tlog-error.ts';
import { nodeHash } from './tree-hash.ts';
import { verifyConsistency, verifyInclusion } from './verify-proof.ts';

const LARGEST = 33;
const leaves = madeUpLeaves(LARGEST + 1);
const roots = Array.from({ length: LARGEST + 2 }, (_, size) => naiveRoot(leaves.slice(0, size)));
const rootOf = (size: number): Uint8Array => roots[size] ?? assert.fail(`no tree of ${size}`);
const leafAt = (index: number): Uint8Array => leaves[index] ?? assert.fail(`no leaf ${index}`);

type Hashes = readonly Uint8Array[];

const flipped = (hash: Uint8Array, bit: number): Uint8Array => {
  const other = Uint8Array.from(hash);
  other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return other;
};

/** Each way in which a proof's hashes can be others. */
function* spoilt(hashes: Hashes): Iterable<Hashes> {
  const stranger = leafAt(LARGEST);
  for (const [at, hash] of hashes.entries()) {
    yield hashes.toSpliced(at, 1);
    yield hashes.with(at, flipped(hash, (at * 37) % 256));
    yield hashes.with(at, hash.subarray(1));
    yield hashes.with(at, new Uint8Array(0));
    yield hashes.with(at, Buffer.concat([hash, Buffer.of(0)]));
    const next = hashes[at + 1];
    if (next !== undefined) yield hashes.with(at, next).with(at + 1, hash);
  }
  for (let at = 0; at <= hashes.length; at++) yield hashes.toSpliced(at, 0, stranger);
  if (hashes[0] !== undefined) yield [...hashes, hashes[0]];
}

const refuses = (call: () => void, what: string): void =>
  assert.throws(call, (error) => error instanceof TlogError, what);

test('an inclusion proof holds for its leaf, index, size and root, and for nothing else', () => {
  for (let size = 1; size <= LARGEST; size++)
    for (let index = 0; index < size; index++) {
      const hashes = naiveInclusion(index, leaves.slice(0, size));
      const proof = { index, size, leaf: leafAt(index), hashes, root: rootOf(size) };
      verifyInclusion(proof);
      const what = `leaf ${index} of ${size}`;
      for (const other of spoilt(hashes))
        refuses(() => verifyInclusion({ ...proof, hashes: other }), what);
      for (let other = 0; other < size; other++)
        if (other !== index) refuses(() => verifyInclusion({ ...proof, index: other }), what);
      for (const other of [-1, size, 0.5, Number.NaN])
        assert.throws(() => verifyInclusion({ ...proof, index: other }), { code: 'bad_index' });
      refuses(() => verifyInclusion({ ...proof, leaf: flipped(proof.leaf, 0) }), what);
      refuses(() => verifyInclusion({ ...proof, root: flipped(proof.root, 255) }), what);
      refuses(() => verifyInclusion({ ...proof, root: rootOf(size + 1) }), what);
    }
});

// Another size may have a path of the same shape; what binds the size is the checkpoint, which signs it with the root.
test('an inclusion proof for another size fails where the path of that size has another shape', () => {
  for (let size = 1; size <= LARGEST; size++) {
    const hashes = naiveInclusion(size - 1, leaves.slice(0, size));
    const proof = { index: size - 1, leaf: leafAt(size - 1), hashes, root: rootOf(size) };
    for (let other = size; other <= 2 * LARGEST; other++) {
      const isSame = shape(size - 1, other) === shape(size - 1, size);
      const verify = (): void => verifyInclusion({ ...proof, size: other });
      if (isSame) verify();
      else refuses(verify, `leaf ${size - 1} of ${size} as if of ${other}`);
    }
  }
});

/** The sides on which the hashes of a path stand. */
function shape(index: number, size: number): string {
  if (size === 1) return '';
  let power = 1;
  while (power * 2 < size) power *= 2;
  return index < power ? `${shape(index, power)}r` : `${shape(index - power, size - power)}l`;
}

test('a consistency proof holds for its two trees, and for no others', () => {
  for (let size = 1; size <= LARGEST; size++)
    for (let before = 1; before <= size; before++) {
      const hashes = naiveConsistency(before, leaves.slice(0, size));
      const first = { size: before, root: rootOf(before) };
      const second = { size, root: rootOf(size) };
      verifyConsistency({ first, second, hashes });
      const what = `${before} in ${size}`;
      for (const other of spoilt(hashes))
        refuses(() => verifyConsistency({ first, second, hashes: other }), what);
      for (const root of [flipped(first.root, 7), rootOf(before + 1), first.root.subarray(0, 31)])
        refuses(() => verifyConsistency({ first: { size: before, root }, second, hashes }), what);
      for (const root of [flipped(second.root, 7), rootOf(size + 1), second.root.subarray(0, 31)])
        refuses(() => verifyConsistency({ first, second: { size, root }, hashes }), what);
      if (before < size)
        assert.throws(() => verifyConsistency({ first: second, second: first, hashes }), {
          code: 'inconsistent',
          message: /smaller/,
        });
    }
});

// Of roots, too: an attacker's log signs what it likes.
test('a path that is longer or shorter than that of the sizes is refused, also where it leads to the root', () => {
  const [leaf, more] = [leafAt(0), leafAt(LARGEST)];
  const longer = { index: 0, size: 2, leaf, hashes: [leafAt(1), more] };
  for (const root of [nodeHash(rootOf(2), more), nodeHash(more, rootOf(2))])
    assert.throws(() => verifyInclusion({ ...longer, root }), /to spare/);
  const shorter = { index: 0, size: 3, leaf, hashes: [leafAt(1)], root: rootOf(2) };
  assert.throws(() => verifyInclusion(shorter), /lacks/);
  const tree = (size: number, root: Uint8Array) => ({ size, root });
  const [first, hashes] = [tree(1, leaf), [leafAt(1), more]];
  for (const root of [nodeHash(rootOf(2), more), nodeHash(more, rootOf(2))])
    assert.throws(() => verifyConsistency({ first, second: tree(2, root), hashes }), /to spare/);
  assert.throws(
    () => verifyConsistency({ first, second: tree(3, rootOf(2)), hashes: [leafAt(1)] }),
    /lacks/,
  );
});

// Where 31 bytes are put over 32, the last of those that were there before would stand for the missing one.
test('a leaf or root that is cut short is refused right after the whole one was taken', () => {
  const [leaf, root] = [leafAt(0), rootOf(2)];
  const inclusion = { index: 0, size: 2, leaf, hashes: [leafAt(1)], root };
  verifyInclusion(inclusion);
  refuses(() => verifyInclusion({ ...inclusion, leaf: leaf.subarray(0, 31) }), 'leaf');
  const consistency = { second: { size: 2, root }, hashes: [leafAt(1)] };
  verifyConsistency({ ...consistency, first: { size: 1, root: leaf } });
  const cut = { size: 1, root: leaf.subarray(0, 31) };
  refuses(() => verifyConsistency({ ...consistency, first: cut }), 'root');
});

test('the tree of no leaves begins every tree, by no proof', () => {
  const first = { size: 0, root: rootOf(0) };
  const second = { size: 9, root: rootOf(9) };
  verifyConsistency({ first, second, hashes: [] });
  refuses(() => verifyConsistency({ first, second, hashes: [leafAt(0)] }), 'a hash to spare');
  assert.throws(
    () => verifyConsistency({ first: { size: 0, root: rootOf(1) }, second, hashes: [] }),
    { code: 'inconsistent' },
  );
});

test('two roots of one size are inconsistent, and a size that is none is refused', () => {
  const tree = (size: number, root: Uint8Array) => ({ size, root });
  assert.throws(
    () => verifyConsistency({ first: tree(4, rootOf(4)), second: tree(4, rootOf(5)), hashes: [] }),
    { code: 'inconsistent' },
  );
  for (const size of [-1, 1.5, Number.NaN, 2 ** 53]) {
    const [bad, good] = [tree(size, rootOf(1)), tree(9, rootOf(9))];
    assert.throws(() => verifyConsistency({ first: bad, second: good, hashes: [] }), {
      code: 'bad_size',
    });
    assert.throws(() => verifyConsistency({ first: good, second: bad, hashes: [] }), {
      code: 'bad_size',
    });
    assert.throws(
      () => verifyInclusion({ index: 0, size, leaf: leafAt(0), hashes: [], root: rootOf(1) }),
      { code: 'bad_size' },
    );
  }
});
