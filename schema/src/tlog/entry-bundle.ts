import { TlogError } from './tlog-error.ts';

/** Bytes of the largest entry: what its length is written in holds no more. */
export const MAX_ENTRY_BYTES = 65_535;

/**
 * Entries of a bundle, each behind its length as a big-endian uint16 (C2SP tlog-tiles).
 * @throws {TlogError}
 */
export function formatBundle(entries: readonly Uint8Array[]): Uint8Array {
  const bundle = new Uint8Array(entries.reduce((sum, { length }) => sum + 2 + length, 0));
  const view = new DataView(bundle.buffer);
  let at = 0;
  for (const entry of entries) {
    if (entry.length > MAX_ENTRY_BYTES)
      throw new TlogError('bad_bundle', `an entry has over ${MAX_ENTRY_BYTES} bytes`);
    view.setUint16(at, entry.length);
    bundle.set(entry, at + 2);
    at += 2 + entry.length;
  }
  return bundle;
}

/**
 * Inverse of `formatBundle`. The bundle may be an attacker's.
 * @throws {TlogError} unless it holds `width` entries and nothing else.
 */
export function parseBundle(bundle: Uint8Array, width: number): readonly Uint8Array[] {
  const view = new DataView(bundle.buffer, bundle.byteOffset, bundle.byteLength);
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bundle.length && entries.length < width) {
    const from = at + 2;
    const to = from <= bundle.length ? from + view.getUint16(at) : Number.POSITIVE_INFINITY;
    if (to > bundle.length)
      throw new TlogError('bad_bundle', `entry ${entries.length} of the bundle is cut short`);
    entries.push(bundle.subarray(from, to));
    at = to;
  }
  if (entries.length < width)
    throw new TlogError(
      'bad_bundle',
      `the bundle holds ${entries.length} entries instead of ${width}`,
    );
  if (at < bundle.length)
    throw new TlogError('bad_bundle', `the bundle holds more than its ${width} entries`);
  return entries;
}
