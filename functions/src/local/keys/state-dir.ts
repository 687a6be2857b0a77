import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

export type StateDirErrorCode = 'wide_mode' | 'bad_state';

/** Something in the state directory is not as it must be; the message names the file and says what to do. */
export class StateDirError extends Error {
  override readonly name = 'StateDirError';
  readonly code: StateDirErrorCode;
  constructor(code: StateDirErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

const PRIVATE_MODE = 0o600;

/** The state directory's files: secrets and what is signed with them. */
export const stateFiles = (stateDir: string) => ({
  keymaker: join(stateDir, 'keymaker.pem'),
  controlKey: join(stateDir, 'control.key'),
  log: join(stateDir, 'log.pem'),
  /** The key of one log that has rotated, and the one that is to come after it; `id` is what its origin ends in. */
  logOf: (id: string) => join(stateDir, `log-${id}.pem`),
  nextLogOf: (id: string) => join(stateDir, `log-${id}.next.pem`),
  revoked: join(stateDir, 'revoked.json'),
  issued: join(stateDir, 'issued.ndjson'),
  policies: join(stateDir, 'policies.ndjson'),
  policiesRecorded: join(stateDir, 'policies.recorded'),
});

/**
 * Reads a secret, or makes it at first use: written whole, synced, then linked into place, so that no other process sees
 * half of it and of two makers one wins. @throws {StateDirError} when others may read it.
 */
export function readOrMakeSecret(path: string, make: () => string): string {
  const known = readSecret(path);
  if (known !== undefined) return known;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomUUID()}`;
  writeSynced(draft, make());
  try {
    linkSync(draft, path);
    syncDirectory(dirname(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(draft);
  }
  const made = readSecret(path);
  if (made === undefined)
    throw new StateDirError('bad_state', `${path} vanished while it was made`);
  return made;
}

/** @returns undefined when there is no such file. @throws {StateDirError} when others may read it. The mode is that of the very file that is read. */
export function readSecret(path: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { mode } = fstatSync(fd);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      throw new StateDirError(
        'wide_mode',
        `${path} has mode ${(mode & 0o777).toString(8).padStart(4, '0')}, so others can read it: whoever did can make API keys. Make a new one, or, if nobody did, run chmod 600 ${path}`,
      );
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

/** Puts a file in the place of another one, in one step. */
export function moveFile(from: string, to: string): void {
  renameSync(from, to);
  syncDirectory(dirname(to));
}

/** Replaces a file by a whole new one, or leaves the old one. */
export function replaceFile(path: string, text: string, mode = PRIVATE_MODE): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomUUID()}`;
  writeSynced(draft, text, mode);
  renameSync(draft, path);
  syncDirectory(dirname(path));
}

function writeSynced(path: string, text: string, mode = PRIVATE_MODE): void {
  const fd = openSync(path, 'wx', mode);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function syncDirectory(path: string): void {
  const fd = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
