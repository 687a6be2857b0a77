import { sha256 } from './sha256.ts';

/** Bytes of a tree hash. */
export const HASH_BYTES = 32;

const LEAF = 0;
const NODE = 1;

/** Root of the tree of no entries: SHA-256 of nothing (RFC 6962, section 2.1). */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array(0));

// Filled anew for each hash: nothing is awaited between filling and hashing.
let leaf = new Uint8Array(4096);
const pair = new Uint8Array(1 + 2 * HASH_BYTES);
pair[0] = NODE;

/** SHA-256(0x00 ‖ entry): RFC 6962, section 2.1. */
export function leafHash(entry: Uint8Array): Uint8Array {
  const end = 1 + entry.length;
  if (leaf.length < end) leaf = new Uint8Array(2 * end);
  leaf[0] = LEAF;
  leaf.set(entry, 1);
  return sha256(leaf.subarray(0, end));
}

/** SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  pair.set(left, 1);
  pair.set(right, 1 + HASH_BYTES);
  return sha256(pair);
}

export const equalHashes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at]);
