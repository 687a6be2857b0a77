import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { SEGMENT } from '../ledger/ledger-family.ts';
import { MAX_LINE_BYTES } from '../ledger/max-line-bytes.ts';

export type Position = { readonly inode: number; readonly offset: number };

/**
 * Follows one writer's ledger file from a position. When the file is rotated, the old one is read to its end, then those
 * rotated since, then the new one. A file that shrank is read from its start.
 * @param onLine a line without its newline; `''` stands for one over the bound.
 */
export function followFile(
  path: string,
  start: Position | undefined,
  onLine: (text: string) => void,
) {
  const buffer = Buffer.allocUnsafe(1 << 16);
  let file: number | undefined;
  let inode = start?.inode;
  let offset = start?.offset ?? 0;
  let held: Buffer = Buffer.alloc(0);

  const open = (name: string): boolean => {
    file = openIfThere(name);
    if (file === undefined) return false;
    const found = fstatSync(file).ino;
    if (inode !== undefined && inode !== found) offset = 0;
    inode = found;
    return true;
  };

  const close = (): void => {
    if (file !== undefined) closeSync(file);
    file = undefined;
    offset = 0;
    held = Buffer.alloc(0);
  };

  const drain = (): void => {
    if (file === undefined) return;
    if (fstatSync(file).size < offset) {
      offset = 0;
      held = Buffer.alloc(0);
    }
    for (;;) {
      const read = readSync(file, buffer, 0, buffer.length, offset);
      if (read === 0) return;
      offset += read;
      take(buffer.subarray(0, read));
    }
  };

  const take = (bytes: Buffer): void => {
    let from = 0;
    for (let newline = bytes.indexOf(0x0a); newline !== -1; newline = bytes.indexOf(0x0a, from)) {
      const line = Buffer.concat([held, bytes.subarray(from, newline)]);
      held = Buffer.alloc(0);
      onLine(line.length > MAX_LINE_BYTES ? '' : line.toString('utf8'));
      from = newline + 1;
    }
    // One byte over the bound is enough to know a line by; the rest of it is not gathered.
    held = Buffer.concat([held, bytes.subarray(from)]).subarray(0, MAX_LINE_BYTES + 1);
  };

  /** The file to begin with, which may have been rotated since its end was looked at. */
  const whereItWas = (): string =>
    inodeOf(path) === inode
      ? path
      : (rotatedFiles(path).find((name) => inodeOf(name) === inode) ?? path);

  /** Reads another file in the place of this one. */
  const goOnWith = (next: number): void => {
    close();
    file = next;
    inode = fstatSync(next).ino;
    drain();
  };

  /** Reads what came since the last time. */
  const poll = (): void => {
    if (file === undefined && !open(whereItWas())) return;
    drain();
    if (inodeOf(path) === inode) return;
    // It is opened before it is asked what was rotated, so that whatever came between is found. One that is not there, as
    // between the two steps of a rotation, leaves this one for the next poll to go on from.
    const newest = openIfThere(path);
    if (newest === undefined) return;
    const newestInode = fstatSync(newest).ino;
    for (const name of rotatedAfter(path, inode)) {
      const between = openIfThere(name);
      if (between === undefined) continue;
      // Rotated since it was opened.
      if (fstatSync(between).ino === newestInode) {
        closeSync(between);
        break;
      }
      goOnWith(between);
    }
    goOnWith(newest);
  };

  return { poll, close };
}

/** Between the two steps of a rotation there is no such file; the next poll finds it. */
const openIfThere = (name: string): number | undefined => {
  try {
    return openSync(name, 'r');
  } catch {
    return undefined;
  }
};

const inodeOf = (path: string): number | undefined =>
  statSync(path, { throwIfNoEntry: false })?.ino;

/** Files of this writer that were rotated after the one with that inode; none when it was not rotated but replaced. */
function rotatedAfter(path: string, inode: number | undefined): readonly string[] {
  const rotated = rotatedFiles(path);
  const at = rotated.findIndex((name) => inodeOf(name) === inode);
  return at === -1 ? [] : rotated.slice(at + 1);
}

/** Oldest first: by number, for the millionth has a digit more. */
function rotatedFiles(path: string): readonly string[] {
  const stem = basename(path, '.ndjson');
  const numberOf = (name: string): number | undefined => {
    const [, body, number] = SEGMENT.exec(name) ?? [];
    return body === stem ? Number(number) : undefined;
  };
  return readdirSync(dirname(path))
    .flatMap((name) => {
      const number = numberOf(name);
      return number === undefined ? [] : [{ name, number }];
    })
    .sort((a, b) => a.number - b.number)
    .map(({ name }) => join(dirname(path), name));
}
