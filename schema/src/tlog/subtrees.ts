import { TlogError } from './tlog-error.ts';
import { nodeHash } from './tree-hash.ts';

/** A complete subtree: over the leaves from `index` × 2^`level` to before (`index` + 1) × 2^`level`. */
export type Subtree = { readonly level: number; readonly index: number };

/** Leaves from `start` to before `end`; what the RFC writes D[start:end]. */
export type Range = { readonly start: number; readonly end: number };

/** The largest tree that is dealt with: what a JavaScript number counts without loss. */
export const MAX_TREE_SIZE = Number.MAX_SAFE_INTEGER;

/** @throws {TlogError} */
export function requireSize(size: number): void {
  if (!Number.isSafeInteger(size) || size < 0)
    throw new TlogError('bad_size', 'the tree size is not a whole number from 0 to 2^53 - 1');
}

/** The largest power of two below `size`, which is 2 or more: RFC 6962's k. */
function split(size: number): number {
  let power = 2 ** Math.floor(Math.log2(size));
  // log2 of a large number may be rounded either way.
  while (power >= size) power /= 2;
  while (power * 2 < size) power *= 2;
  return power;
}

/**
 * The ranges whose hashes prove the leaf `index` to be in a tree of `size`, the leaf's sibling first: PATH of RFC 6962,
 * section 2.1.1.
 * @throws {TlogError}
 */
export function inclusionRanges(index: number, size: number): readonly Range[] {
  requireSize(size);
  if (!Number.isSafeInteger(index) || index < 0 || index >= size)
    throw new TlogError('bad_index', `the index is not that of a leaf of a tree of ${size}`);
  const ranges: Range[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + split(end - start);
    if (index < middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  return ranges.reverse();
}

/**
 * The ranges whose hashes prove a tree of `first` leaves to be the beginning of one of `second`: PROOF of RFC 6962,
 * section 2.1.2. None if `first` is 0 or `second`: there is nothing to prove.
 * @throws {TlogError}
 */
export function consistencyRanges(first: number, second: number): readonly Range[] {
  requireSize(first);
  requireSize(second);
  if (first > second)
    throw new TlogError('bad_size', 'the tree that is to be the beginning is the larger one');
  if (first === 0 || first === second) return [];
  const ranges: Range[] = [];
  let [start, end] = [0, second];
  while (end !== first) {
    const middle = start + split(end - start);
    if (first <= middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  // The verifier knows the hash of the first tree when it is one complete subtree.
  if (start > 0) ranges.push({ start, end });
  return ranges.reverse();
}

/** The complete subtrees that a range of such a proof, or a whole tree, consists of, from left to right. */
export function subtreesOf({ start, end }: Range): readonly Subtree[] {
  const subtrees: Subtree[] = [];
  for (let at = start; at < end; ) {
    let level = 0;
    while (at % 2 ** (level + 1) === 0 && at + 2 ** (level + 1) <= end) level++;
    subtrees.push({ level, index: at / 2 ** level });
    at += 2 ** level;
  }
  return subtrees;
}

/** The hash of a range from those of its subtrees, of which there is at least one. */
export const foldSubtrees = (hashes: readonly Uint8Array[]): Uint8Array =>
  hashes.reduceRight((right, left) => nodeHash(left, right));
