import { closeSync, constants, openSync, readSync } from 'node:fs';
import { type DisclosureLine, parseDisclosureLine } from '@vantio/schema/disclosure-line';
import { EraseError } from './erase-error.ts';

export type StoredDisclosure = {
  /** With its newline, unless it is torn. */
  readonly bytes: Buffer;
  /** Undefined for what is not of the form of a disclosure. */
  readonly line: DisclosureLine | undefined;
  /** The last line, without a newline: its writer died, and it was never acknowledged. */
  readonly isTorn: boolean;
};

const CHUNK_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;

/** @throws {EraseError} when it is no plain file: what a link leads to is not ours to rewrite. */
export function openDisclosures(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ELOOP') throw error;
    throw new EraseError(
      'not_a_file',
      `${path} is a symbolic link; put the file itself there, and erase again`,
    );
  }
}

export function* readDisclosureFile(path: string): Generator<StoredDisclosure> {
  const fd = openDisclosures(path);
  try {
    yield* readDisclosures(fd, 0);
  } finally {
    closeSync(fd);
  }
}

/** Every byte of an open file, from an offset on, as lines. */
export function* readDisclosures(fd: number, from: number): Generator<StoredDisclosure> {
  let rest = Buffer.alloc(0);
  let at = from;
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const got = readSync(fd, chunk, 0, CHUNK_BYTES, at);
    if (got === 0) break;
    at += got;
    const bytes = Buffer.concat([rest, chunk.subarray(0, got)]);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      const line = bytes.subarray(start, end + 1);
      yield { bytes: line, line: parse(line.subarray(0, -1)), isTorn: false };
      start = end + 1;
    }
    rest = bytes.subarray(start);
  }
  if (rest.length > 0) yield { bytes: rest, line: undefined, isTorn: true };
}

/** The file may have been tampered with. */
function parse(bytes: Buffer): DisclosureLine | undefined {
  try {
    return parseDisclosureLine(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
