import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The file operations an append needs; `FileHandle` has them all. Tests put a failing disk here. */
export type AppendHandle = {
  write(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }>;
  datasync(): Promise<void>;
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
};

export type OpenAppendHandle = (path: string) => Promise<AppendHandle>;

export const openAppendHandle: OpenAppendHandle = (path) =>
  open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);

/**
 * A file that only grows. `append` resolves when the bytes are on durable storage. When it rejects, the file is as long as
 * before, or will be before the next append is tried. One append at a time.
 */
export type AppendFile = {
  readonly size: () => number;
  readonly append: (bytes: Buffer) => Promise<void>;
  /** Takes back what was appended after `size`. */
  readonly cutBack: (size: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

export function createAppendFile(handle: AppendHandle, initialSize: number): AppendFile {
  let good = initialSize;
  let dirty = false;

  const repair = async (): Promise<void> => {
    if (!dirty) return;
    await handle.truncate(good);
    await handle.datasync();
    dirty = false;
  };

  const cutBack = async (size: number): Promise<void> => {
    if (size === good && !dirty) return;
    good = size;
    dirty = true;
    await repair();
  };

  const append = async (bytes: Buffer): Promise<void> => {
    if (bytes.length === 0) return;
    await repair();
    dirty = true;
    try {
      for (let written = 0; written < bytes.length; ) {
        const { bytesWritten } = await handle.write(
          bytes,
          written,
          bytes.length - written,
          good + written,
        );
        if (bytesWritten === 0) throw new Error('the file took no bytes');
        written += bytesWritten;
      }
      await handle.datasync();
    } catch (error) {
      // A second failure leaves `dirty` standing: the next append repairs first, or fails.
      await repair().catch(() => {});
      throw error;
    }
    good += bytes.length;
    dirty = false;
  };

  return { size: () => good, append, cutBack, close: () => handle.close() };
}

/** Makes a created or renamed name in a directory durable. */
export async function syncDirectoryOf(path: string): Promise<void> {
  const directory = await open(dirname(path), constants.O_RDONLY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
