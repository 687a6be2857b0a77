import type { Bucket } from './bucket.ts';

export type CachedOptions = {
  /** Of all that is kept, and of one object that is kept at all. */
  readonly maxBytes: number;
  readonly maxObjectBytes: number;
};

/**
 * Keeps in memory what was read of objects that never change, the last used the longest. Only what came from the bucket is
 * kept, never what was written to it: who reads back what they wrote reads the bucket.
 */
export function createCachedRead(
  { read }: Pick<Bucket, 'read'>,
  { maxBytes, maxObjectBytes }: CachedOptions,
): Bucket['read'] {
  const kept = new Map<string, Uint8Array>();
  let size = 0;

  const keep = (name: string, bytes: Uint8Array): void => {
    if (bytes.length > maxObjectBytes) return;
    kept.set(name, bytes);
    size += bytes.length;
    for (const [oldest, { length }] of kept) {
      if (size <= maxBytes) return;
      kept.delete(oldest);
      size -= length;
    }
  };

  return async (name) => {
    const known = kept.get(name);
    if (known !== undefined) {
      kept.delete(name);
      kept.set(name, known);
      return known;
    }
    const bytes = await read(name);
    // Read twice at once, it is kept once.
    if (bytes !== undefined && !kept.has(name)) keep(name, bytes);
    return bytes;
  };
}
