import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { CliError, systemCode } from '../cli-error.ts';

/** Memory that one file after another is read into. */
export type Scratch = { bytes: Uint8Array };

/**
 * A whole small file. It is hostile: a larger one is not gathered, and what is no file is not waited for.
 * @returns undefined if there is none, 'over' if it has more than `maxBytes`.
 * @throws {CliError} when it cannot be read.
 */
export function readBounded(
  path: string,
  maxBytes: number,
  scratch?: Scratch,
): Buffer | 'over' | undefined {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return undefined;
    if (!found.isFile()) throw new CliError(`${path} is not a file; check the path.`);
    return read(path, maxBytes, scratch);
  } catch (error) {
    if (error instanceof CliError) throw error;
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error))) return undefined;
    throw new CliError(
      `${path} cannot be read (${systemCode(error)}); check the path and its rights.`,
    );
  }
}

function read(path: string, maxBytes: number, scratch: Scratch | undefined): Buffer | 'over' {
  const file = openSync(path, 'r');
  try {
    const size = fstatSync(file).size;
    if (size > maxBytes) return 'over';
    const bytes = room(size, scratch);
    let held = 0;
    while (held < size) {
      const count = readSync(file, bytes, held, size - held, held);
      if (count === 0) break;
      held += count;
    }
    return bytes.subarray(0, held);
  } finally {
    closeSync(file);
  }
}

function room(size: number, scratch: Scratch | undefined): Buffer {
  if (scratch === undefined) return Buffer.allocUnsafe(size);
  // With some to spare, so that files which are larger by a little find room.
  if (scratch.bytes.length < size) scratch.bytes = new Uint8Array(Math.ceil(size * 1.5));
  return Buffer.from(scratch.bytes.buffer, 0, size);
}
