import { rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { CliError, systemCode } from '../cli-error.ts';

/** A file that was not there before. What is written goes to disk a mebibyte at a time. */
export type NewFile = {
  readonly write: (chunk: string | Uint8Array) => Promise<void>;
  /** Syncs it. @returns its bytes. */
  readonly close: () => Promise<number>;
  readonly abandon: () => Promise<void>;
};

/** Characters or bytes gathered before they go to the file. */
const BUFFERED = 1 << 20;

/** @throws {CliError} if it is there already, or cannot be made. */
export async function createFile(path: string): Promise<NewFile> {
  let file: FileHandle;
  try {
    file = await open(path, 'wx', 0o600);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') throw standing(path);
    throw new CliError(
      `${path} cannot be written (${systemCode(error)}); check the path and its rights.`,
    );
  }
  let held: Uint8Array[] = [];
  let waiting = 0;
  let bytes = 0;
  const flush = async (): Promise<void> => {
    await file.writeFile(Buffer.concat(held));
    bytes += waiting;
    held = [];
    waiting = 0;
  };
  return {
    write: async (chunk) => {
      const piece = Buffer.from(chunk as Uint8Array);
      held.push(piece);
      waiting += piece.length;
      if (waiting >= BUFFERED) await flush();
    },
    close: async () => {
      await flush();
      await file.sync();
      await file.close();
      return bytes;
    },
    abandon: () => file.close(),
  };
}

export const standing = (path: string): CliError =>
  new CliError(`${path} exists; an export never writes over a file.`);

/**
 * Makes a file of what `fill` writes. Of one that fails, nothing stays.
 * @returns its size, and what `fill` gave.
 * @throws {CliError} when it cannot be written; what `fill` throws.
 */
export async function writeNewFile<T>(
  path: string,
  fill: (write: NewFile['write']) => Promise<T>,
): Promise<{ readonly bytes: number; readonly filled: T }> {
  const file = await createFile(path);
  try {
    const filled = await fill(file.write);
    return { bytes: await file.close(), filled };
  } catch (error) {
    await file.abandon().catch(() => {});
    rmSync(path, { force: true });
    throw unwritable(path, error);
  }
}

/** A fault of the system, in words; any other error as it is. */
export const unwritable = (path: string, error: unknown): unknown =>
  error instanceof Error && 'syscall' in error
    ? new CliError(`${path} cannot be written (${systemCode(error)}); nothing of it was kept.`)
    : error;
