import { type Checkpoint, openCheckpoint } from '@vantio/schema/tlog/checkpoint';
import type { NoteVerifier } from '@vantio/schema/tlog/note';
import { parseTilePath } from '@vantio/schema/tlog/tiles';
import { TlogError } from '@vantio/schema/tlog/tlog-error';
import { formatTlogProof } from '@vantio/schema/tlog/tlog-proof';
import { createTreeReader } from '@vantio/schema/tlog/tree-reader';
import { createCosignatures } from './cosignatures.ts';
import type { LogFiles } from './log-files.ts';
import { readLastCheckpoint, readTileFile } from './read-log.ts';
import { rotationPath } from './read-rotations.ts';

/** The leaf of an event in a tree of so many leaves; undefined if that tree does not hold it. */
export type FindLeaf = (
  tenantId: string,
  eventId: string,
  size: number,
) => Promise<{ readonly index: number; readonly entry: Uint8Array } | undefined>;

/** What a log's endpoints say: schema/log.md, section 3. Undefined: there is no such thing. */
export function createLogReader(
  files: LogFiles,
  verifier: NoteVerifier | readonly NoteVerifier[],
  findLeaf: FindLeaf,
) {
  const cosignatures = createCosignatures(files, verifier);
  const last = () => readLastCheckpoint(files, verifier);

  const published = async (size: number): Promise<Checkpoint | undefined> => {
    const bytes = await files.read(`checkpoints/${size}`);
    return bytes && openCheckpoint(Buffer.from(bytes).toString('utf8'), verifier);
  };

  const treeOf = (size: number) => createTreeReader(size, (tile) => readTileFile(files, tile));

  return {
    takeCosignatures: cosignatures.take,
    checkpoint: async (): Promise<string | undefined> => {
      const checkpoint = await last();
      return checkpoint && cosignatures.under(checkpoint);
    },
    checkpointAt: (size: number): Promise<Uint8Array | undefined> =>
      files.read(`checkpoints/${size}`),
    /** How the log's keys took over from each other, from 1 on. */
    rotation: (number: number): Promise<Uint8Array | undefined> => files.read(rotationPath(number)),
    /** @param path attacker-controlled. @throws {TlogError} if it is not a tile's. */
    tile: (path: string): Promise<Uint8Array | undefined> => {
      parseTilePath(path);
      return files.read(path);
    },
    proof: async (tenantId: string, eventId: string): Promise<string | undefined> => {
      const newest = await last();
      const witnessed = await published(await cosignatures.newest());
      // What witnesses vouch for says more, where it covers the entry.
      for (const checkpoint of [witnessed, newest]) {
        const leaf = checkpoint && (await findLeaf(tenantId, eventId, checkpoint.size));
        if (leaf === undefined || checkpoint === undefined) continue;
        return formatTlogProof({
          index: leaf.index,
          hashes: await treeOf(checkpoint.size).inclusion(leaf.index),
          checkpoint: await cosignatures.under(checkpoint),
          extra: leaf.entry,
        });
      }
      return undefined;
    },
    /** @throws {TlogError} if the sizes are not of trees of this log, in order. */
    consistency: async (first: number, second: number): Promise<readonly Uint8Array[]> => {
      const size = (await last())?.size ?? 0;
      if (second > size)
        throw new TlogError('bad_size', `the log has ${size} leaves, and no larger tree yet`);
      return treeOf(second).consistency(first);
    },
  };
}

export type LogReader = ReturnType<typeof createLogReader>;
