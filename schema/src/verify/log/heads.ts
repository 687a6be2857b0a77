import type { KeyTerm } from '../../tlog/key-terms.ts';
import { TlogError } from '../../tlog/tlog-error.ts';
import { type LogFiles, MAX_NOTE_BYTES, type Report } from './log-files.ts';
import { createHeadOpener, type SignedHead } from './signed-head.ts';

export type HeadFile = { readonly file: string; readonly head: SignedHead };
/** A checkpoint that the user kept. */
export type KeptFile = { readonly file: string; readonly bytes: Uint8Array | 'over' };

export type HeadOptions = {
  readonly files: LogFiles;
  readonly terms: readonly KeyTerm[];
  readonly isPinned: boolean;
  /** Of the log's rotation notes. */
  readonly handovers: readonly HeadFile[];
  readonly kept: readonly KeptFile[];
  /** Of trees that witnesses cosigned, ascending: read before any checkpoint is, so that a log that grows has one for each. */
  readonly cosigned: Float64Array;
  readonly report: Report;
};

const NEWEST = 'checkpoint';

/** The checkpoints of a log: its newest, those before it, and those that the user kept. */
export function openHeads({
  files,
  terms,
  isPinned,
  handovers,
  kept: keptFiles,
  cosigned,
  report,
}: HeadOptions) {
  const openBytes = createHeadOpener(terms, isPinned);
  const fault = (file: string, message: string): undefined => {
    report({ check: 'log_checkpoint', severity: 'wrong', file, message });
  };

  /** @param origin of the log; undefined while it is not known. */
  const open = (
    file: string,
    bytes: Uint8Array | 'over',
    origin?: string,
  ): HeadFile | undefined => {
    try {
      const head = openBytes(bytes);
      return origin === undefined || head.origin === origin
        ? { file, head }
        : fault(file, 'the checkpoint is of another log');
    } catch (error) {
      if (error instanceof TlogError) return fault(file, error.message);
      throw error;
    }
  };

  const openNamed = (size: number): HeadFile | undefined => {
    const path = `checkpoints/${size}`;
    const bytes = files.read(path, MAX_NOTE_BYTES);
    const found = bytes && open(files.nameOf(path), bytes, newest?.head.origin);
    return found === undefined || found.head.size === size
      ? found
      : fault(found.file, 'is a checkpoint of another size than its name says');
  };

  const openNewest = (): HeadFile | undefined => {
    const bytes = files.read(NEWEST, MAX_NOTE_BYTES);
    if (bytes !== undefined) return open(files.nameOf(NEWEST), bytes);
    if (isPinned || stored.length > 0) return fault(files.nameOf(NEWEST), 'is missing');
    report({
      check: 'log_checkpoint',
      severity: 'unmeasured',
      file: files.nameOf(NEWEST),
      message: 'is not there: the log has no checkpoint yet',
    });
    return undefined;
  };

  /**
   * A sealer stores a checkpoint under its size before it makes it the newest: what a crash leaves there, or a reader that
   * came between finds, is the log's word as well.
   */
  const openLater = ({ head }: HeadFile): HeadFile | undefined => {
    for (let at = stored.length - 1; (stored[at] ?? 0) > head.size; at--) {
      const found = openNamed(stored[at] as number);
      if (found !== undefined) return found;
    }
    return undefined;
  };

  const stored = files.checkpointSizes();
  const newest = openNewest();
  const last = newest && (openLater(newest) ?? newest);
  const kept = keptFiles.flatMap(({ file, bytes }) => {
    const found = open(file, bytes, newest?.head.origin);
    return found === undefined ? [] : [found];
  });
  kept.push(...handovers);

  return {
    /** The one that the log is held to. */
    last,
    /** Sizes of all, ascending; some stand twice. */
    sizes: Float64Array.from([
      ...stored,
      ...cosigned,
      ...[newest, last, ...kept].map((each) => each?.head.size ?? 0),
    ]).sort(),
    /** The log's own of a size, whose cosignatures lie beside it, and the other ones of that size. */
    at: (size: number): { readonly own?: HeadFile; readonly others: readonly HeadFile[] } => {
      const named = last?.file === files.nameOf(`checkpoints/${size}`) ? last : openNamed(size);
      const own = size === last?.head.size ? last : named;
      const others = [named, newest, ...kept].filter(
        (each) => each !== undefined && each !== own && each.head.size === size,
      ) as HeadFile[];
      return own === undefined ? { others } : { own, others };
    },
    /** Kept ones that are larger than the log. */
    beyond: (): readonly HeadFile[] =>
      kept.filter((each) => last !== undefined && each.head.size > last.head.size),
  };
}

export type Heads = ReturnType<typeof openHeads>;
