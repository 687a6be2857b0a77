import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';

export type Cut = { readonly bytes: number; readonly offset: number };

const WINDOW = 64 * 1024;

/**
 * Cuts a file back to its last newline: what stands after it was being written when the writer died, and was never
 * acknowledged. @returns what was cut; undefined: nothing, or no such file.
 */
export function cutTornLine(path: string): Cut | undefined {
  let fd: number;
  try {
    fd = openSync(path, 'r+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { size } = fstatSync(fd);
    const offset = endOfLastLine(fd, size);
    if (offset === size) return undefined;
    ftruncateSync(fd, offset);
    fdatasyncSync(fd);
    return { bytes: size - offset, offset };
  } finally {
    closeSync(fd);
  }
}

function endOfLastLine(fd: number, size: number): number {
  const window = Buffer.alloc(WINDOW);
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - WINDOW);
    const got = readSync(fd, window, 0, end - start, start);
    const newline = window.subarray(0, got).lastIndexOf(0x0a);
    if (newline !== -1) return start + newline + 1;
    end = start;
  }
  return 0;
}
