/**
 * Encodings of Ed25519 points of small order, sign bit cleared: a constant signature would hold under them for every
 * message, and libraries disagree on whether to refuse them. The last two are not canonical encodings.
 */
const SMALL_ORDER: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

/** @param raw raw Ed25519 public key, 64 hex digits. */
export function isWeakKey(raw: string): boolean {
  const last = Number.parseInt(raw.slice(62), 16) & 0x7f;
  return SMALL_ORDER.has(raw.slice(0, 62) + last.toString(16).padStart(2, '0'));
}
