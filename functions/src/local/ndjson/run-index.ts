import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';

/** Records of one session that follow one another, in seq and in a ledger file. */
export type Run = {
  readonly firstSeq: number;
  readonly count: number;
  readonly segment: number;
  /** Where its first line starts in the segment. */
  readonly offset: number;
  readonly bytes: number;
};

export type IndexedRun = Run & {
  readonly number: number;
  /** The session's run before it; 0: none. */
  readonly previous: number;
};

type Entry = IndexedRun & { readonly jump: number; readonly depth: number };

const ENTRY_BYTES = 48;
const CHECK_AT = ENTRY_BYTES - 4;
const CHUNK_BYTES = ENTRY_BYTES * 16_384;

/** The index on disk cannot be read; a start without its snapshot makes it anew from the ledger. */
export class IndexDamagedError extends Error {
  override readonly name = 'IndexDamagedError';
  readonly code = 'index_damaged';
}

/**
 * Append-only disk index of runs. Each entry points at the run before it in its session and, as in a skew-binary list, at
 * one further back, so that any run of a session is found in O(log runs) reads and memory holds none of them.
 *
 * A hint, never the truth: it is written after the ledger, not synced but by `sync`, and made anew when it does not hold.
 * The same records may be indexed in other runs when it is made anew, so entry numbers mean something beside `digest` only.
 */
export function openRunIndex(path: string, keepEntries: number) {
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  let written = Math.min(keepEntries, Math.floor(fstatSync(fd).size / ENTRY_BYTES));
  ftruncateSync(fd, written * ENTRY_BYTES);
  const seal = createHash('sha256');
  for (let at = 0; at < written * ENTRY_BYTES; at += CHUNK_BYTES) {
    const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, written * ENTRY_BYTES - at));
    seal.update(chunk.subarray(0, readSync(fd, chunk, 0, chunk.length, at)));
  }
  /** Entries not yet on disk: a full disk must not fail what the ledger already holds. */
  let unwritten: Buffer[] = [];
  const scratch = Buffer.alloc(ENTRY_BYTES);

  const read = (number: number): Entry => {
    const late = unwritten[number - 1 - written];
    if (late) return decode(late, number);
    const got = readSync(fd, scratch, 0, ENTRY_BYTES, (number - 1) * ENTRY_BYTES);
    if (got !== ENTRY_BYTES || checkOf(scratch) !== scratch.readUInt32LE(CHECK_AT))
      throw new IndexDamagedError(`entry ${number} of the run index is damaged`);
    return decode(scratch, number);
  };

  const append = (run: Run, previous: number): number => {
    const number = written + unwritten.length + 1;
    const before = previous === 0 ? undefined : read(previous);
    const entry = Buffer.alloc(ENTRY_BYTES);
    entry.writeUIntLE(previous, 0, 6);
    entry.writeUIntLE(before === undefined ? 0 : jumpFrom(before, previous), 6, 6);
    entry.writeUInt32LE(before === undefined ? 0 : before.depth + 1, 12);
    entry.writeUIntLE(run.firstSeq, 16, 6);
    entry.writeUInt32LE(run.count, 22);
    entry.writeUInt32LE(run.segment, 26);
    entry.writeUIntLE(run.offset, 30, 6);
    entry.writeUInt32LE(run.bytes, 36);
    entry.writeUInt32LE(checkOf(entry), CHECK_AT);
    unwritten.push(entry);
    return number;
  };

  // Myers, "An applicative random-access stack" (1983): two equal jumps in a row are joined into one.
  const jumpFrom = (before: Entry, previous: number): number => {
    if (before.jump === 0) return previous;
    const jump = read(before.jump);
    if (jump.jump === 0) return previous;
    const further = read(jump.jump);
    return before.depth - jump.depth === jump.depth - further.depth ? jump.jump : previous;
  };

  /** Hands appended entries to the operating system; on failure they stay in memory until the next flush. */
  const flush = (): void => {
    if (unwritten.length === 0) return;
    const bytes = Buffer.concat(unwritten);
    for (let done = 0; done < bytes.length; )
      done += writeSync(fd, bytes, done, bytes.length - done, written * ENTRY_BYTES + done);
    seal.update(bytes);
    written += unwritten.length;
    unwritten = [];
  };

  /** The newest run, of those reached from `last`, that does not start after what is sought. */
  const seek = (
    last: number,
    startsAfter: (run: IndexedRun) => boolean,
  ): IndexedRun | undefined => {
    let number = last;
    while (number !== 0) {
      const entry = read(number);
      if (!startsAfter(entry)) return entry;
      number = entry.jump !== 0 && startsAfter(read(entry.jump)) ? entry.jump : entry.previous;
    }
    return undefined;
  };

  /** The run that holds `seq`, of those reached from `last`, whose first seqs fall towards the past. */
  const find = (last: number, seq: number): IndexedRun | undefined => {
    const run = seek(last, ({ firstSeq }) => firstSeq > seq);
    return run && seq < run.firstSeq + run.count ? run : undefined;
  };

  const sync = (): void => {
    flush();
    fsyncSync(fd);
  };

  return {
    append,
    read: (number: number): IndexedRun => read(number),
    seek,
    find,
    flush,
    sync,
    entries: () => written + unwritten.length,
    /** SHA-256 of the entries that were flushed, 64 hex digits. */
    digest: () => seal.copy().digest('hex'),
    close: () => closeSync(fd),
  };
}

export type RunIndex = ReturnType<typeof openRunIndex>;

// Not zlib's crc32, which Node 20 has from 20.15 on.
const checkOf = (entry: Buffer): number =>
  createHash('sha256').update(entry.subarray(0, CHECK_AT)).digest().readUInt32LE();

const decode = (bytes: Buffer, number: number): Entry => ({
  number,
  previous: bytes.readUIntLE(0, 6),
  jump: bytes.readUIntLE(6, 6),
  depth: bytes.readUInt32LE(12),
  firstSeq: bytes.readUIntLE(16, 6),
  count: bytes.readUInt32LE(22),
  segment: bytes.readUInt32LE(26),
  offset: bytes.readUIntLE(30, 6),
  bytes: bytes.readUInt32LE(36),
});
