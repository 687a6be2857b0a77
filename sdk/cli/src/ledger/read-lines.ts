import { isUtf8 } from 'node:buffer';
import { closeSync, openSync, readSync } from 'node:fs';

export type Line =
  | {
      readonly kind: 'text';
      readonly number: number;
      readonly text: string;
      /** The same; reused when the next line is asked for. */
      readonly bytes: Buffer;
    }
  | { readonly kind: 'refused'; readonly number: number; readonly reason: string }
  /** The file does not end in a newline. */
  | { readonly kind: 'torn'; readonly number: number };

/** A line before it is known to be text. */
export type RawLine =
  | Exclude<Line, { readonly kind: 'text' }>
  | { readonly kind: 'bytes'; readonly number: number; readonly bytes: Buffer };

export type ReadOptions = {
  /** Longest line, in bytes without its newline. */
  readonly maxBytes: number;
  /** Sees every byte of the file, in order; the buffer is reused after it returns. */
  readonly onBytes?: (bytes: Buffer) => void;
};

const CHUNK = 1 << 20;
const NEWLINE = 0x0a;

/**
 * The lines of a file of any size in constant memory. The file is hostile: a line over the bound is refused and skipped,
 * never gathered, and bytes that are not UTF-8 are refused rather than replaced.
 * @throws the system's error when the file cannot be read.
 */
export function* readLines(path: string, options: ReadOptions): Generator<Line> {
  for (const line of readRawLines(path, options))
    yield line.kind === 'bytes' ? textLine(line.number, line.bytes) : line;
}

/** The same, but that bytes which are not UTF-8 are left for `textLine` to refuse. */
export function* readRawLines(
  path: string,
  { maxBytes, onBytes }: ReadOptions,
): Generator<RawLine> {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(Math.max(CHUNK, maxBytes * 2));
    let held = 0;
    let number = 1;
    let skipping = false;
    for (;;) {
      const read = readSync(file, buffer, held, buffer.length - held, null);
      if (read === 0) break;
      onBytes?.(buffer.subarray(held, held + read));
      const end = held + read;
      let start = 0;
      // What was held is known to hold no newline.
      let newline = buffer.subarray(0, end).indexOf(NEWLINE, held);
      while (newline !== -1) {
        if (skipping) skipping = false;
        else if (newline - start > maxBytes) yield tooLong(number, maxBytes);
        else yield { kind: 'bytes', number, bytes: buffer.subarray(start, newline) };
        number++;
        start = newline + 1;
        newline = buffer.subarray(0, end).indexOf(NEWLINE, start);
      }
      held = end - start;
      if (!skipping && held > maxBytes) {
        yield tooLong(number, maxBytes);
        skipping = true;
      }
      if (skipping) held = 0;
      else buffer.copyWithin(0, start, end);
    }
    if (held > 0 || skipping) yield { kind: 'torn', number };
  } finally {
    closeSync(file);
  }
}

export const textLine = (number: number, bytes: Buffer): Line =>
  isUtf8(bytes)
    ? { kind: 'text', number, text: bytes.toString('utf8'), bytes }
    : { kind: 'refused', number, reason: 'is not UTF-8' };

const tooLong = (number: number, maxBytes: number) => ({
  kind: 'refused' as const,
  number,
  reason: `is over ${maxBytes} bytes`,
});
