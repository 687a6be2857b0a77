import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { debug } from '../context/debug.ts';
import { lose } from '../record/queue.ts';
import {
  fileName,
  isAbandoned,
  listSpool,
  MAX_SPOOL_BYTES,
  type Owner,
  ownOwner,
  spoolDirectory,
} from './spool-dir.ts';
import { countLines } from './spool-lines.ts';

/** Where a batch stands in its session's spool file. */
export type Place = { readonly path: string; readonly offset: number; readonly bytes: number };

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDONLY, O_RDWR } = constants;

/** Whole sealed batches on disk, one file per session, all files of a key together below a bound. */
export function createSpool(configured: string | undefined, keyId: string) {
  let directory: string | undefined;
  const owner: Owner = ownOwner();

  const open = (): string => {
    directory ??= spoolDirectory(configured, keyId);
    return directory;
  };

  /** @returns undefined when the disk did not take it all; what it took of it is cut off again. */
  function append(session: string, text: string): Place | undefined {
    try {
      const bytes = Buffer.from(text);
      if (!makeRoom(bytes.length)) return undefined;
      return write(join(open(), fileName(owner, session)), bytes);
    } catch (error) {
      debug('the spool cannot be written', error);
      return undefined;
    }
  }

  /** Oldest abandoned files give way, and are counted; files of living processes stay. */
  function makeRoom(bytes: number): boolean {
    const files = listSpool(open());
    let used = files.reduce((sum, file) => sum + file.bytes, bytes);
    for (const file of files) {
      if (used <= MAX_SPOOL_BYTES) return true;
      if (!isAbandoned(file, owner, Date.now())) continue;
      lose('spool_full', countLines(file.path));
      unlinkSync(file.path);
      used -= file.bytes;
    }
    return used <= MAX_SPOOL_BYTES;
  }

  return { append, read, remove, open, owner };
}

export type Spool = ReturnType<typeof createSpool>;

function write(path: string, bytes: Buffer): Place | undefined {
  const fd = openSync(path, O_RDWR | O_APPEND | O_CREAT | (O_NOFOLLOW ?? 0), 0o600);
  try {
    const offset = fstatSync(fd).size;
    try {
      let at = 0;
      while (at < bytes.length) at += writeSync(fd, bytes, at);
    } catch (error) {
      ftruncateSync(fd, offset);
      throw error;
    }
    return { path, offset, bytes: bytes.length };
  } finally {
    closeSync(fd);
  }
}

/** @returns undefined when the file is gone or shorter: somebody else has drained it. */
function read({ path, offset, bytes }: Place): string | undefined {
  try {
    const fd = openSync(path, O_RDONLY | (O_NOFOLLOW ?? 0));
    try {
      const buffer = Buffer.alloc(bytes);
      const got = readSync(fd, buffer, 0, bytes, offset);
      return got === bytes ? buffer.toString('utf8') : undefined;
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    debug('a spool file could not be removed', error);
  }
}
