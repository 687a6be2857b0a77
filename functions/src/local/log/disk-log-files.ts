import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, mkdir, open, readFile, rename, rm, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TlogError } from '@vantio/schema/tlog/tlog-error';
import type { LogFile, LogFiles } from '../../log/log-files.ts';
import { syncDirectoryOf } from '../ndjson/append-file.ts';

/** Files synced at one time: a disk takes several flushes together. */
const AT_ONCE = 32;

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** A log in a directory, `NAME.log`. What it wrote is synced, and so are the directories that name it. */
export function createDiskLogFiles(directory: string): LogFiles {
  const pathOf = (path: string): string => join(directory, path);

  const read = async (path: string): Promise<Uint8Array | undefined> => {
    try {
      return await readFile(pathOf(path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  };

  const create = async (path: string, mode: number): Promise<FileHandle> => {
    try {
      return await open(path, NEW_FILE, mode);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      await mkdir(dirname(path), { recursive: true });
      return open(path, NEW_FILE, mode);
    }
  };

  /** Whole or not at all: no reader, and no start after a crash, finds half a file under its own name. */
  const draftOf = async ({ path, bytes }: LogFile, mode: number): Promise<string> => {
    const target = pathOf(path);
    const draft = `${target}.${randomUUID()}`;
    const handle = await create(draft, mode);
    try {
      await handle.writeFile(bytes);
      await handle.datasync();
    } catch (error) {
      await unlink(draft).catch(() => {});
      throw error;
    } finally {
      await handle.close();
    }
    return draft;
  };

  const putNew = async (file: LogFile): Promise<void> => {
    const draft = await draftOf(file, 0o444);
    try {
      // Of two who write a file at once, one does.
      await link(draft, pathOf(file.path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !(await isThere(file))) throw error;
    } finally {
      await unlink(draft);
    }
  };

  /** @throws {TlogError} if it is there with other bytes. */
  const isThere = async ({ path, bytes }: LogFile): Promise<boolean> => {
    const there = await read(path);
    if (there !== undefined && Buffer.compare(there, bytes) !== 0)
      throw new TlogError('inconsistent', `${path} is there already, with other bytes`);
    return there !== undefined;
  };

  const writeOnce = async (files: readonly LogFile[]): Promise<void> => {
    for (let at = 0; at < files.length; at += AT_ONCE)
      await Promise.all(files.slice(at, at + AT_ONCE).map(putNew));
    await syncDirectories(files);
  };

  const syncDirectories = async (files: readonly LogFile[]): Promise<void> => {
    // A file of each directory on the way, whose name that directory must not lose.
    const names = new Map<string, string>();
    for (const { path } of files)
      for (let each = pathOf(path); each !== directory; each = dirname(each))
        names.set(dirname(each), each);
    await Promise.all([...names.values()].map(syncDirectoryOf));
  };

  return {
    read,
    writeOnce,
    replace: async (file) => {
      await rename(await draftOf(file, 0o644), pathOf(file.path));
      await syncDirectoryOf(pathOf(file.path));
    },
    dropPartials: async (paths) => {
      for (const path of paths) await rm(`${pathOf(path)}.p`, { recursive: true, force: true });
    },
  };
}
