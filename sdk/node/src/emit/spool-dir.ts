import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { thisProcess } from '../context/main-realm.ts';
import { startTicks } from '../record/process-facts.ts';

export const MAX_SPOOL_BYTES = 64 * 1024 * 1024;

export type SpoolFile = {
  readonly path: string;
  readonly owner: Owner;
  readonly session: string;
  readonly bytes: number;
  readonly modifiedMs: number;
};

/** Process that writes or drains a spool file; part of the file's name, so that a rename hands the file over. */
export type Owner = { readonly namespace: string; readonly pid: number; readonly start: number };

const NAME = /^([0-9]{1,10})-([0-9]{1,7})-([0-9]{1,15})-([0-9a-f]{32})\.ndjson$/;
/** A file of another pid namespace, whose processes cannot be looked up, is abandoned after this long without a write. */
const FOREIGN_MS = 3_600_000;

export const fileName = ({ namespace, pid, start }: Owner, session: string): string =>
  `${namespace}-${pid}-${start}-${session}.ndjson`;

export const ownOwner = (): Owner => ({
  namespace: attempt(() => /([0-9]+)/.exec(readlinkSync('/proc/self/ns/pid'))?.[1]) ?? '0',
  pid: thisProcess.pid,
  start: attempt(() => startTicks(readFileSync('/proc/self/stat', 'latin1'))) ?? 0,
});

function attempt<T>(body: () => T): T | undefined {
  try {
    return body();
  } catch {
    return undefined;
  }
}

/**
 * Directory of one API key's spool. The parent may be world-writable (/tmp), so a directory that is not ours alone is not
 * used: another user could read disclosures in it or put files there.
 * @throws {Error} when it cannot be made or is not ours alone.
 */
export function spoolDirectory(configured: string | undefined, keyId: string): string {
  const base = configured ?? join(tmpdir(), `vantio-${attempt(() => userInfo().uid) ?? 'user'}`);
  requirePrivate(base);
  const own = join(base, keyId);
  requirePrivate(own);
  return own;
}

function requirePrivate(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(path);
  const me = thisProcess.getuid?.();
  const isDirectory = (mode & 0o170_000) === 0o040_000;
  if (!isDirectory || (me !== undefined && (uid !== me || (mode & 0o022) !== 0)))
    throw new Error('the spool directory is not a directory of this user alone');
}

/** Spool files in a directory, oldest first. Names that are not ours are left alone. */
export function listSpool(directory: string): readonly SpoolFile[] {
  const files: SpoolFile[] = [];
  for (const name of readdirSync(directory)) {
    const [, namespace, pid, start, session] = NAME.exec(name) ?? [];
    if (namespace === undefined || session === undefined) continue;
    const path = join(directory, name);
    const stat = attempt(() => statSync(path));
    if (!stat) continue;
    const owner = { namespace, pid: Number(pid), start: Number(start) };
    files.push({ path, owner, session, bytes: stat.size, modifiedMs: stat.mtimeMs });
  }
  return files.sort((a, b) => a.modifiedMs - b.modifiedMs);
}

/** Whether the process that the file belongs to is gone. */
export function isAbandoned({ owner, modifiedMs }: SpoolFile, own: Owner, nowMs: number): boolean {
  if (owner.namespace !== own.namespace) return nowMs - modifiedMs > FOREIGN_MS;
  if (owner.pid === own.pid) return owner.start !== own.start;
  const stat = attempt(() => readFileSync(`/proc/${owner.pid}/stat`, 'latin1'));
  if (stat !== undefined) return startTicks(stat) !== owner.start;
  // Without /proc a pid that is in use again cannot be told from its former owner.
  return own.start !== 0 || attempt(() => thisProcess.kill(owner.pid, 0)) !== true;
}
