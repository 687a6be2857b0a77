import { requireSize } from './subtrees.ts';
import { TlogError } from './tlog-error.ts';
import { EMPTY_ROOT, equalHashes, HASH_BYTES, nodeHash } from './tree-hash.ts';

export type InclusionProof = {
  readonly index: number;
  readonly size: number;
  /** RFC 6962 leaf hash of the entry. */
  readonly leaf: Uint8Array;
  readonly hashes: readonly Uint8Array[];
  readonly root: Uint8Array;
};

export type ConsistencyProof = {
  readonly first: { readonly size: number; readonly root: Uint8Array };
  readonly second: { readonly size: number; readonly root: Uint8Array };
  readonly hashes: readonly Uint8Array[];
};

/**
 * RFC 9162, section 2.1.3.2.
 * @throws {TlogError} unless the leaf stands at that index in the tree of that size and root.
 */
export function verifyInclusion({ index, size, leaf, hashes, root }: InclusionProof): void {
  requireSize(size);
  if (!Number.isSafeInteger(index) || index < 0 || index >= size)
    throw new TlogError('bad_index', `the index is not that of a leaf of a tree of ${size}`);
  requireHashes([leaf, ...hashes]);
  let [node, last] = [index, size - 1];
  let hash = leaf;
  for (const sibling of hashes) {
    if (last === 0) throw new TlogError('bad_proof', 'the inclusion proof has hashes to spare');
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash);
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, half(last)];
    } else hash = nodeHash(hash, sibling);
    [node, last] = [half(node), half(last)];
  }
  if (last !== 0) throw new TlogError('bad_proof', 'the inclusion proof lacks hashes');
  if (!equalHashes(hash, root))
    throw new TlogError('bad_proof', 'the inclusion proof leads to another root');
}

/**
 * RFC 9162, section 2.1.4.2.
 * @throws {TlogError} unless the first tree is the beginning of the second: `inconsistent` if the proof shows the contrary or
 * nothing, and the trees of one size differ.
 */
export function verifyConsistency({ first, second, hashes }: ConsistencyProof): void {
  requireSize(first.size);
  requireSize(second.size);
  requireHashes([first.root, second.root, ...hashes]);
  if (first.size > second.size)
    throw new TlogError('inconsistent', 'the later tree is smaller than the earlier one');
  if (first.size === second.size || first.size === 0) {
    if (hashes.length > 0)
      throw new TlogError('bad_proof', 'the consistency proof has hashes to spare');
    if (!equalHashes(first.root, first.size === 0 ? EMPTY_ROOT : second.root))
      throw new TlogError('inconsistent', 'two trees of one size have different roots');
    return;
  }
  let [node, last] = [first.size - 1, second.size - 1];
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  const rest = [...hashes];
  // A first tree of a power of two is a subtree itself, and the proof leaves its hash out.
  const seed = node === 0 ? first.root : rest.shift();
  if (seed === undefined) throw new TlogError('bad_proof', 'the consistency proof lacks hashes');
  let [oldRoot, newRoot] = [seed, seed];
  for (const hash of rest) {
    if (last === 0) throw new TlogError('bad_proof', 'the consistency proof has hashes to spare');
    if (node % 2 === 1 || node === last) {
      oldRoot = nodeHash(hash, oldRoot);
      newRoot = nodeHash(hash, newRoot);
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, half(last)];
    } else newRoot = nodeHash(newRoot, hash);
    [node, last] = [half(node), half(last)];
  }
  if (last !== 0) throw new TlogError('bad_proof', 'the consistency proof lacks hashes');
  if (!equalHashes(oldRoot, first.root) || !equalHashes(newRoot, second.root))
    throw new TlogError('inconsistent', 'the consistency proof leads to other roots');
}

/** A node is hashed of two times 32 bytes: others would be taken for a node of other hashes. */
function requireHashes(hashes: readonly Uint8Array[]): void {
  if (hashes.some(({ length }) => length !== HASH_BYTES))
    throw new TlogError('bad_proof', `a hash of the proof has not ${HASH_BYTES} bytes`);
}

const half = (number: number): number => Math.floor(number / 2);
