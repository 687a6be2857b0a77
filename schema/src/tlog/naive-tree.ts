import * as crypto from 'node:crypto';

/**
 * RFC 6962, section 2.1, word by word, for the tests: slow, and nothing of it is shared with what it judges.
 * Leaves are leaf hashes.
 */
type Leaves = readonly Uint8Array[];

const node = (left: Uint8Array, right: Uint8Array): Uint8Array =>
  crypto.hash('sha256', Buffer.concat([Buffer.of(1), left, right]), 'buffer');

const first = (leaves: Leaves): Uint8Array => leaves[0] ?? new Uint8Array(0);

/** The largest power of two below `n`. */
function k(n: number): number {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}

export const naiveLeaf = (entry: Uint8Array): Uint8Array =>
  crypto.hash('sha256', Buffer.concat([Buffer.of(0), entry]), 'buffer');

/** MTH(D[n]). */
export function naiveRoot(leaves: Leaves): Uint8Array {
  const n = leaves.length;
  if (n === 0) return crypto.hash('sha256', '', 'buffer');
  if (n === 1) return first(leaves);
  return node(naiveRoot(leaves.slice(0, k(n))), naiveRoot(leaves.slice(k(n))));
}

/** PATH(m, D[n]). */
export function naiveInclusion(m: number, leaves: Leaves): Leaves {
  const n = leaves.length;
  if (n === 1) return [];
  const [left, right] = [leaves.slice(0, k(n)), leaves.slice(k(n))];
  return m < k(n)
    ? [...naiveInclusion(m, left), naiveRoot(right)]
    : [...naiveInclusion(m - k(n), right), naiveRoot(left)];
}

/** PROOF(m, D[n]). */
export const naiveConsistency = (m: number, leaves: Leaves): Leaves =>
  m === 0 ? [] : subproof(m, leaves, true);

function subproof(m: number, leaves: Leaves, isWhole: boolean): Leaves {
  const n = leaves.length;
  if (m === n) return isWhole ? [] : [naiveRoot(leaves)];
  const [left, right] = [leaves.slice(0, k(n)), leaves.slice(k(n))];
  return m <= k(n)
    ? [...subproof(m, left, isWhole), naiveRoot(right)]
    : [...subproof(m - k(n), right, false), naiveRoot(left)];
}
