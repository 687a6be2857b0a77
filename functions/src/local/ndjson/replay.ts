import { closeSync, openSync, readSync } from 'node:fs';

export type ReplayedLine = {
  readonly text: string;
  readonly offset: number;
  /** With its newline. */
  readonly bytes: number;
};

const CHUNK_BYTES = 1024 * 1024;

/** The whole lines of a ledger file from an offset on, a chunk at a time, up to another. A last line without newline is left out. */
export function* replay(
  path: string,
  from: number,
  until = Number.POSITIVE_INFINITY,
): Iterable<readonly ReplayedLine[]> {
  const fd = openSync(path, 'r');
  try {
    let rest = Buffer.alloc(0);
    let at = from;
    const chunk = Buffer.alloc(CHUNK_BYTES);
    for (;;) {
      const wanted = Math.min(CHUNK_BYTES, until - at - rest.length);
      const got = readSync(fd, chunk, 0, wanted, at + rest.length);
      if (got === 0) return;
      const bytes = Buffer.concat([rest, chunk.subarray(0, got)]);
      const lines: ReplayedLine[] = [];
      let start = 0;
      for (let end = bytes.indexOf(0x0a); end !== -1; end = bytes.indexOf(0x0a, start)) {
        const text = bytes.toString('latin1', start, end);
        lines.push({ text, offset: at + start, bytes: end + 1 - start });
        start = end + 1;
      }
      yield lines;
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
