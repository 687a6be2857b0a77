import { setting } from './environment.ts';
import { createCachedRead } from './storage/cached-bucket.ts';
import { openBucket } from './storage/open-bucket.ts';

const MEGABYTE = 2 ** 20;
/** Tiles, which are 8 KiB, and no bundles. */
const CACHE = { maxBytes: 128 * MEGABYTE, maxObjectBytes: 8192 };

/**
 * The buckets of the logs, from the environment. Tiles that were read are kept in memory: reads of the ever same edge of a tree
 * would cost more than its storage.
 */
export function openLogBuckets() {
  const [settled, moving] = ['VANTIO_TILES_BUCKET', 'VANTIO_MOVING_TILES_BUCKET'].map((name) => {
    const bucket = openBucket(setting(name));
    return { ...bucket, read: createCachedRead(bucket, CACHE) };
  });
  if (settled === undefined || moving === undefined) throw new Error('two buckets were named');
  return { settled, moving };
}

const LOG_NAME = /^[a-z0-9][a-z0-9.-]{0,127}$/;

/** What the names of all tenants' logs begin with. */
export const logNameSetting = (): string => setting('VANTIO_LOG_NAME', LOG_NAME);
