import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
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
    try {
      file = openSync(name, 'r');
    } catch {
      // Between the two steps of a rotation there is no such file; the next poll finds it.
      return false;
    }
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

  /** Reads what came since the last time. */
  const poll = (): void => {
    if (file === undefined && !open(whereItWas())) return;
    drain();
    if (inodeOf(path) === inode) return;
    const missed = rotatedAfter(path, inode);
    close();
    for (const name of missed) {
      inode = undefined;
      if (open(name)) drain();
      close();
    }
    inode = undefined;
    if (open(path)) drain();
  };

  return { poll, close };
}

const inodeOf = (path: string): number | undefined =>
  statSync(path, { throwIfNoEntry: false })?.ino;

/** Files of this writer that were rotated after the one with that inode; none when it was not rotated but replaced. */
function rotatedAfter(path: string, inode: number | undefined): readonly string[] {
  const rotated = rotatedFiles(path);
  const at = rotated.findIndex((name) => inodeOf(name) === inode);
  return at === -1 ? [] : rotated.slice(at + 1);
}

/** Oldest first. */
function rotatedFiles(path: string): readonly string[] {
  const stem = basename(path, '.ndjson');
  const isRotated = (name: string): boolean =>
    name.startsWith(`${stem}.`) && /^[0-9]{6,12}\.ndjson$/.test(name.slice(stem.length + 1));
  return readdirSync(dirname(path))
    .filter(isRotated)
    .sort()
    .map((name) => join(dirname(path), name));
}
