import { randomUUID } from 'node:crypto';
import {
  linkSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';

type Owner = {
  readonly pid: number;
  /** Start of the process in clock ticks since boot: a pid alone may have been given to another. */
  readonly start: string;
  readonly boot: string;
  readonly pidNamespace: string;
  readonly nonce: string;
};

export type Lock = {
  /** Whether the lock still is ours. Also shows to other pid namespaces that its owner lives. */
  readonly refresh: () => boolean;
  readonly release: () => void;
};

// From another container a pid says nothing: there, an owner lives while it touches its lock.
const SILENT_MILLIS = 30_000;
export const REFRESH_MILLIS = 5_000;

/**
 * Makes this process the only writer of a ledger file, for as long as it lives.
 * @returns undefined when another live process is.
 */
export function takeLock(path: string): Lock | undefined {
  const mine = JSON.stringify(thisProcess());
  const draft = `${path}.${randomUUID()}`;
  writeFileSync(draft, mine, { flag: 'wx', mode: 0o600 });
  try {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      if (linked(draft, path)) return lockAt(path, mine);
      const theirs = textOf(path);
      if (theirs === undefined) continue;
      if (isAlive(theirs, path)) return undefined;
      removeStale(path, theirs);
    }
    return undefined;
  } finally {
    unlinkSync(draft);
  }
}

const MAX_ATTEMPTS = 10;

const lockAt = (path: string, mine: string): Lock => ({
  refresh: () => {
    if (textOf(path) !== mine) return false;
    const now = new Date();
    utimesSync(path, now, now);
    return true;
  },
  release: () => {
    if (textOf(path) === mine) unlinkSync(path);
  },
});

/** link(2) makes the name and its content appear at once, or fails: O_EXCL without a moment of emptiness. */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Two processes may see one stale lock; whoever moved away a fresh one by mistake puts it back. */
function removeStale(path: string, stale: string): void {
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  if (textOf(aside) !== stale) linked(aside, path);
  unlinkSync(aside);
}

function isAlive(text: string, path: string): boolean {
  const me = thisProcess();
  const owner = ownerOf(text);
  if (owner === undefined) return false;
  if (owner.boot !== me.boot) return false;
  if (owner.pidNamespace !== me.pidNamespace)
    return Date.now() - statSync(path).mtimeMs < SILENT_MILLIS;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const start = startOf(owner.pid);
  return start === '' || start === owner.start;
}

function ownerOf(text: string): Owner | undefined {
  try {
    const owner = JSON.parse(text) as Owner;
    return Number.isSafeInteger(owner.pid) && owner.pid > 0 ? owner : undefined;
  } catch {
    return undefined;
  }
}

const thisProcess = (): Owner => ({
  pid: process.pid,
  start: startOf(process.pid),
  boot: textOf('/proc/sys/kernel/random/boot_id')?.trim() ?? '',
  pidNamespace: pidNamespace(),
  nonce: randomUUID(),
});

/** Field 22 of /proc/<pid>/stat (proc(5)); '' where there is no /proc. The name before it may hold spaces. */
function startOf(pid: number): string {
  const stat = textOf(`/proc/${pid}/stat`) ?? '';
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
