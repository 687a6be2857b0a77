import { closeSync, openSync, readSync } from 'node:fs';

export type ReplayedLine = {
  readonly text: string;
  readonly offset: number;
  /** With its newline. */
  readonly bytes: number;
};

/** Lines of a file as views into one buffer, without their newlines. */
export type LineChunk = {
  readonly lines: readonly Buffer[];
  /** Of the first of them. */
  readonly offset: number;
};

const CHUNK_BYTES = 1024 * 1024;

/** The whole lines of a ledger file from an offset on, a chunk at a time. A last line without newline is left out. */
export function* replay(path: string, from: number): Iterable<readonly ReplayedLine[]> {
  for (const { lines, offset } of readChunks(path, from)) {
    let at = offset;
    yield lines.map((line) => {
      const replayed = { text: line.toString('latin1'), offset: at, bytes: line.length + 1 };
      at += replayed.bytes;
      return replayed;
    });
  }
}

/** The same as bytes, up to an offset. */
export function* readChunks(
  path: string,
  from: number,
  until = Number.POSITIVE_INFINITY,
): Iterable<LineChunk> {
  const fd = openSync(path, 'r');
  try {
    let rest = Buffer.alloc(0);
    let at = from;
    for (;;) {
      // Not reused: the lines are views into it.
      const chunk = Buffer.allocUnsafe(
        rest.length + Math.min(CHUNK_BYTES, until - at - rest.length),
      );
      rest.copy(chunk);
      const got = readSync(fd, chunk, rest.length, chunk.length - rest.length, at + rest.length);
      if (got === 0) return;
      const bytes = chunk.subarray(0, rest.length + got);
      const lines: Buffer[] = [];
      let start = 0;
      for (let end = bytes.indexOf(0x0a); end !== -1; end = bytes.indexOf(0x0a, start)) {
        lines.push(bytes.subarray(start, end));
        start = end + 1;
      }
      yield { lines, offset: at };
      rest = bytes.subarray(start);
      at += start;
    }
  } finally {
    closeSync(fd);
  }
}

// Longer than any line that parseLedgerLine takes.
const LINE_WINDOW = 64 * 1024;

/** The line that ends right before an offset; undefined when none does. */
export function lineBefore(path: string, offset: number): string | undefined {
  const start = Math.max(0, offset - LINE_WINDOW);
  const window = Buffer.alloc(offset - start);
  let got: number;
  try {
    const fd = openSync(path, 'r');
    try {
      got = readSync(fd, window, 0, window.length, start);
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
  if (got !== window.length || window.at(-1) !== 0x0a) return undefined;
  const text = window.subarray(0, -1).toString('latin1');
  return text.slice(text.lastIndexOf('\n') + 1);
}
