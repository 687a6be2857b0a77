import { formatBundle } from '@vantio/schema/tlog/entry-bundle';
import { parseTilePath, TILE_WIDTH, type Tile } from '@vantio/schema/tlog/tiles';
import { TlogError } from '@vantio/schema/tlog/tlog-error';
import { leafHash } from '@vantio/schema/tlog/tree-hash';
import type { LogFile, LogFiles } from '../../log/log-files.ts';
import type { Bucket } from '../storage/bucket.ts';
import { putOnce, requireSame } from '../storage/put-once.ts';
import { type Checkpoints, sizeOf as sizeOfCheckpoint } from './checkpoints.ts';
import type { Rotations } from './rotations.ts';

/** What all logs' files share. */
export type LogBuckets = {
  /** Full tiles and bundles, and `checkpoints/SIZE`: written once, under a lock. */
  readonly settled: Pick<Bucket, 'read' | 'create'>;
  /** What a growing tree leaves behind: partial tiles, and the copy of the newest checkpoint. */
  readonly moving: Pick<Bucket, 'read' | 'create'>;
};

/** Witnesses' lines under a tenant's checkpoints; absent where nobody takes them. */
export type CosignatureFiles = Pick<LogFiles, 'read' | 'replace'>;

export type TenantFilesOptions = LogBuckets & {
  readonly tenantId: string;
  /** Of the leaves from one index to before another; undefined when there are not so many. */
  readonly entries: (from: number, to: number) => Promise<readonly Uint8Array[] | undefined>;
  readonly checkpoints: Checkpoints;
  readonly rotations?: Pick<Rotations, 'at'>;
  readonly cosignatures?: CosignatureFiles;
};

/** Name of a log's file in its bucket. */
export const objectName = (tenantId: string, path: string): string => `${tenantId}/${path}`;

/**
 * The files of a tenant's log: full tiles in buckets, all that moves in the database, which holds it anyway. A partial tile of
 * the lowest level, and a partial bundle, are what the rows of its leaves make: they are read, never written, so that a
 * checkpoint of a few new records costs nothing in the buckets. A partial tile further up changes with every 256th leaf and
 * is an object.
 *
 * Of the database the first answer about leaves is kept, by place and width: rows and leaves never change.
 */
export function createTenantFiles(options: TenantFilesOptions): LogFiles {
  const { tenantId, settled, moving, entries, checkpoints, rotations, cosignatures } = options;
  const known = new Map<string, ReturnType<TenantFilesOptions['entries']>>();
  /** Of the newest checkpoint when it was read last: what is written next goes on from that one, or not at all. */
  let newestSize: number | undefined;

  const entriesOf = ({ index, width }: Tile) => {
    const key = `${index}.${width}`;
    const from = index * TILE_WIDTH;
    const found = known.get(key) ?? entries(from, from + width);
    known.set(key, found);
    return found;
  };

  const readTile = async (tile: Tile, path: string): Promise<Uint8Array | undefined> => {
    if (!isFromRows(tile)) return bucketOf(tile).read(objectName(tenantId, path));
    const found = await entriesOf(tile);
    if (found === undefined) return undefined;
    return tile.level === 'entries' ? formatBundle(found) : Buffer.concat(found.map(leafHash));
  };

  const bucketOf = ({ width }: Tile) => (width === TILE_WIDTH ? settled : moving);

  const writeTile = async (tile: Tile, { path, bytes }: LogFile): Promise<void> => {
    if (isFromRows(tile)) return;
    const name = objectName(tenantId, path);
    const bucket = bucketOf(tile);
    // Most writes of a partial tile are of one that has not changed; to look costs a tenth of a write, or nothing.
    const isThere = tile.width < TILE_WIDTH && (await bucket.read(name)) !== undefined;
    await (isThere ? requireSame : putOnce)(bucket, name, bytes);
  };

  const writeOne = (file: LogFile): Promise<void> =>
    sizeOf(file.path) === undefined
      ? writeTile(parseTilePath(file.path), file)
      : checkpoints.put(file.bytes, newestSize);

  return {
    read: async (path) => {
      if (path === 'checkpoint') {
        const newest = await checkpoints.newest();
        newestSize = newest === undefined ? 0 : sizeOfCheckpoint(newest);
        return newest;
      }
      const size = sizeOf(path);
      if (size !== undefined) return checkpoints.at(size);
      const [, number] = ROTATION.exec(path) ?? [];
      if (number !== undefined) return rotations?.at(Number(number));
      if (path.startsWith('tile/')) return readTile(parseTilePath(path), path);
      return cosignatures?.read(path);
    },
    writeOnce: async (files) => {
      await Promise.all(files.map(writeOne));
    },
    replace: async (file) => {
      // The newest row of the table is the newest checkpoint: to insert it was to publish it.
      if (file.path === 'checkpoint') return;
      if (cosignatures === undefined) throw new TlogError('bad_path', 'this log has no such file');
      await cosignatures.replace(file);
    },
    // A narrow tile further up is 8 KiB at most, and there are 255 of them for 65,536 records.
    dropPartials: async () => {},
  };
}

const ROTATION = /^rotations\/([1-9][0-9]{0,15})$/;

export const isFromRows = ({ level, width }: Tile): boolean =>
  width < TILE_WIDTH && (level === 0 || level === 'entries');

const sizeOf = (path: string): number | undefined => {
  const [, size] = /^checkpoints\/([0-9]+)$/.exec(path) ?? [];
  return size === undefined ? undefined : Number(size);
};
