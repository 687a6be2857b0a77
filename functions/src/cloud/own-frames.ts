import { fileURLToPath } from 'node:url';

/**
 * Where this program's files are, with a slash at the end; of a bundle, the folder above it. A bundle that is no ES module
 * does not know its own address: then it is where the instance was started.
 */
const ROOT =
  typeof import.meta.url === 'string'
    ? fileURLToPath(new URL('../', import.meta.url))
    : `${process.cwd()}/`;
const MAX_FRAMES = 12;
const FRAME =
  /^ {4}at (?:(?:async )?([A-Za-z0-9_$.#<> ]{1,100}) \()?(?:file:\/\/)?(.{1,400}?):(\d{1,7}):(\d{1,7})\)?$/;
const FILE = /^[A-Za-z0-9_./@+-]{1,200}$/;

/**
 * The frames of a stack that are in this program's own files, as V8 writes them, with paths from its root.
 *
 * A stack begins with the error's message, which may quote what was sent and may itself look like frames: it is cut off as a
 * whole, and a stack that it cannot be found in gives none. A frame is taken only if each of its parts is of its alphabet.
 */
export function ownFrames(error: unknown): readonly string[] {
  if (!(error instanceof Error) || typeof error.stack !== 'string') return [];
  const message = String(error.message);
  const at = error.stack.indexOf(message);
  if (at === -1) return [];
  const frames: string[] = [];
  for (const line of error.stack.slice(at + message.length).split('\n')) {
    const [, name, path = '', row, column] = FRAME.exec(line) ?? [];
    if (!path.startsWith(ROOT)) continue;
    const file = path.slice(ROOT.length);
    if (!FILE.test(file) || file.includes('node_modules')) continue;
    frames.push(
      `    at ${name === undefined ? '' : `${name} (`}${file}:${row}:${column}${name === undefined ? '' : ')'}`,
    );
    if (frames.length === MAX_FRAMES) break;
  }
  return frames;
}
