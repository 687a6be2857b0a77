import { Buffer } from 'buffer/index.js';
import { basename, dirname, join } from './path.ts';

/**
 * What the verifier uses of `node:fs`, over the files that somebody dropped on a page. Where it runs in a worker, files are
 * read piece by piece from where they lie; elsewhere they were read whole before.
 */
export type Content = Uint8Array | Blob;

type Reader = (from: number, to: number) => Uint8Array;
type File = { readonly size: number; readonly read: Reader };
type Listing = { readonly readSync: () => { readonly name: string } | null; closeSync: () => void };

/** Of workers; not among the types of pages. */
declare const FileReaderSync:
  | (new () => { readonly readAsArrayBuffer: (blob: Blob) => ArrayBuffer })
  | undefined;

export const READS_IN_PIECES = typeof FileReaderSync !== 'undefined';

const files = new Map<string, File>();
const directories = new Map<string, Set<string>>();
const written = new Map<string, string>();
const open = new Map<number, { readonly path: string; readonly file: File; at: number }>();
let lastOpened = 2;

/** Puts these files in place of those before. */
export function mount(given: ReadonlyMap<string, Content>): void {
  files.clear();
  directories.clear();
  written.clear();
  open.clear();
  directories.set('.', new Set());
  for (const [name, content] of given) {
    const path = join(name);
    files.set(path, fileOf(content));
    for (let at = path; at !== '.' && at !== '/'; at = dirname(at)) {
      const above = dirname(at) || '/';
      const entries = directories.get(above) ?? new Set();
      directories.set(above, entries.add(basename(at)));
    }
  }
}

/** What the verifier wrote. */
export const writtenAt = (path: string): string | undefined => written.get(path);

function fileOf(content: Content): File {
  if (content instanceof Uint8Array)
    return { size: content.length, read: (from, to) => content.subarray(from, to) };
  return {
    size: content.size,
    read: (from, to) => {
      if (typeof FileReaderSync === 'undefined') throw fault('EIO', 'read');
      return new Uint8Array(new FileReaderSync().readAsArrayBuffer(content.slice(from, to)));
    },
  };
}

const fault = (code: string, syscall: string): Error =>
  Object.assign(new Error(`${code}: ${syscall}`), { code, syscall });

function fileAt(path: string, syscall: string): File {
  const file = files.get(join(path));
  if (file === undefined) throw fault(directories.has(join(path)) ? 'EISDIR' : 'ENOENT', syscall);
  return file;
}

const openedAt = (descriptor: number, syscall: string) => {
  const opened = open.get(descriptor);
  if (opened === undefined) throw fault('EBADF', syscall);
  return opened;
};

export const existsSync = (path: string): boolean =>
  files.has(join(path)) || directories.has(join(path));

export function statSync(path: string, options: { readonly throwIfNoEntry?: boolean } = {}) {
  if (!existsSync(path)) {
    if (options.throwIfNoEntry === false) return undefined;
    throw fault('ENOENT', 'stat');
  }
  const file = files.get(join(path));
  return {
    size: file?.size ?? 0,
    isFile: () => file !== undefined,
    isDirectory: () => file === undefined,
  };
}

export function readdirSync(path: string): readonly string[] {
  const entries = directories.get(join(path));
  if (entries === undefined) throw fault(existsSync(path) ? 'ENOTDIR' : 'ENOENT', 'scandir');
  // As Node lists them on this system: verdicts do not hang on the order, findings may.
  return [...entries].sort();
}

export function opendirSync(path: string): Listing {
  const entries = [...readdirSync(path)];
  return {
    readSync: () => {
      const name = entries.shift();
      return name === undefined ? null : { name };
    },
    closeSync: () => {},
  };
}

export function openSync(path: string, flags: string): number {
  if (flags === 'wx' && existsSync(path)) throw fault('EEXIST', 'open');
  const file = flags === 'wx' ? fileOf(new Uint8Array(0)) : fileAt(path, 'open');
  open.set(++lastOpened, { path, file, at: 0 });
  return lastOpened;
}

export const closeSync = (descriptor: number): void => {
  open.delete(descriptor);
};

export const fstatSync = (descriptor: number) => ({
  size: openedAt(descriptor, 'fstat').file.size,
});

export function readSync(
  descriptor: number,
  buffer: Uint8Array,
  offset: number,
  length: number,
  position: number | null,
): number {
  const opened = openedAt(descriptor, 'read');
  const from = position ?? opened.at;
  const bytes = opened.file.read(from, Math.min(from + length, opened.file.size));
  buffer.set(bytes, offset);
  if (position === null) opened.at = from + bytes.length;
  return bytes.length;
}

export function readFileSync(path: string, encoding?: 'utf8'): Buffer | string {
  const file = fileAt(path, 'open');
  const bytes = Buffer.from(file.read(0, file.size));
  return encoding === undefined ? bytes : bytes.toString(encoding);
}

export const writeFileSync = (descriptor: number, text: string): void => {
  written.set(openedAt(descriptor, 'write').path, text);
};

export const unlinkSync = (path: string): void => {
  written.delete(path);
};
