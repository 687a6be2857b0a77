import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { CliError, systemCode } from '../cli-error.ts';

/**
 * A whole small file. It is hostile: a larger one is not gathered, and what is no file is not waited for.
 * @returns undefined if there is none, 'over' if it has more than `maxBytes`.
 * @throws {CliError} when it cannot be read.
 */
export function readBounded(path: string, maxBytes: number): Buffer | 'over' | undefined {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return undefined;
    if (!found.isFile()) throw new CliError(`${path} is not a file; check the path.`);
    return read(path, maxBytes);
  } catch (error) {
    if (error instanceof CliError) throw error;
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error))) return undefined;
    throw new CliError(
      `${path} cannot be read (${systemCode(error)}); check the path and its rights.`,
    );
  }
}

function read(path: string, maxBytes: number): Buffer | 'over' {
  const file = openSync(path, 'r');
  try {
    const size = fstatSync(file).size;
    if (size > maxBytes) return 'over';
    const bytes = Buffer.allocUnsafe(size);
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
