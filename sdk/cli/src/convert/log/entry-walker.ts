import { TlogError } from '@vantio/schema/tlog/tlog-error';
import { openTreeEdge } from '@vantio/schema/tlog/tree-edge';
import { equalHashes, leafHash } from '@vantio/schema/tlog/tree-hash';
import { CliError } from '../../cli-error.ts';
import { EXIT } from '../../exit-codes.ts';
import { type Log, ofLog } from './open-log.ts';

export type Leaf = {
  readonly index: number;
  readonly hash: Uint8Array;
  /** Whether the checkpoint covers it. */
  readonly sealed: boolean;
};

/** Holds a ledger's lines to its log: the lines so far make the tree that the checkpoint has the root of. */
export type EntryWalker = {
  /** The next line, without its newline. @throws {CliError} if the lines up to the checkpoint make another root. */
  readonly next: (line: string) => Leaf;
  /** @returns lines after the checkpoint. @throws {CliError} if there are fewer lines than leaves. */
  readonly finish: () => number;
};

export async function createEntryWalker(log: Log): Promise<EntryWalker> {
  const { checkpoint, directory } = log;
  const edge = await openTreeEdge(0, () => Promise.reject(new Error('an empty tree has no tile')));
  return {
    next: (line) => {
      const index = edge.size();
      const hash = leafHash(Buffer.from(line));
      edge.append(hash);
      // Nobody needs them; without this they would be held.
      edge.takeFullTiles();
      if (edge.size() === checkpoint.size && !equalHashes(edge.root(), checkpoint.root))
        throw ofLog(
          directory,
          new TlogError('inconsistent', 'the ledger makes another root than the checkpoint has'),
        );
      return { index, hash, sealed: index < checkpoint.size };
    },
    finish: () => {
      if (edge.size() < checkpoint.size)
        throw new CliError(
          `${directory} has ${checkpoint.size} leaves, and the ledger ${edge.size()} lines: lines are missing at its end; see vantio verify.`,
          EXIT.wrong,
        );
      return edge.size() - checkpoint.size;
    },
  };
}
