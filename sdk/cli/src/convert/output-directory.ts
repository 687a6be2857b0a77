import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { CliError, systemCode } from '../cli-error.ts';
import { unwritable } from './new-file.ts';

/**
 * Makes a directory, fills it, and takes it away again if that fails.
 * @throws {CliError} if it is not empty, or cannot be written; what `fill` throws.
 */
export async function fillDirectory<T>(directory: string, fill: () => Promise<T>): Promise<T> {
  makeEmpty(directory);
  try {
    return await fill();
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw unwritable(directory, error);
  }
}

function makeEmpty(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (readdirSync(directory).length === 0) return;
  } catch (error) {
    throw new CliError(
      `${directory} cannot be written (${systemCode(error)}); check the path and its rights.`,
    );
  }
  throw new CliError(`${directory} is not empty; name a directory that is, or is not there.`);
}
