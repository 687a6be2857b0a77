import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Where a reader starts to see about the last lines of a file: their bytes, and where the file ended. */
export type FileEnd = {
  readonly lines: readonly string[];
  readonly inode: number;
  readonly size: number;
};

/** A ledger line of ordinary size; asking for a few more bytes than needed costs nothing. */
const BYTES_PER_LINE = 4096;
const MIN_BYTES = 1 << 20;
const MAX_BYTES = 1 << 26;

/**
 * The last whole lines of a file, without reading the rest of it; fewer than asked for when they are very long.
 * @param end reads up to here; the file's end by default.
 */
export function lastLines(path: string, count: number): FileEnd {
  const file = openSync(path, 'r');
  try {
    const { size, ino } = fstatSync(file);
    const wanted = Math.min(size, MAX_BYTES, Math.max(MIN_BYTES, count * BYTES_PER_LINE));
    const buffer = Buffer.allocUnsafe(wanted);
    const read = readSync(file, buffer, 0, wanted, size - wanted);
    const bytes = buffer.subarray(0, read);
    // What stands before the first newline may be the end of a longer line.
    const from = wanted === size ? 0 : bytes.indexOf(0x0a) + 1;
    const to = bytes.lastIndexOf(0x0a) + 1;
    const lines = bytes.toString('utf8', from, to).split('\n').slice(0, -1);
    return { lines: count === 0 ? [] : lines.slice(-count), inode: ino, size: size - wanted + to };
  } finally {
    closeSync(file);
  }
}
