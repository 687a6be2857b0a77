import type { Readable } from 'node:stream';
import { microtask } from '../../context/main-realm.ts';
import { watchReadable } from '../watch-readable.ts';
import { quietly } from './answer.ts';
import { createLines } from './lines.ts';

type Listener = {
  /** A line without its end. */
  hears(line: Buffer): void;
  /** @param isRead whether every line was short enough to be heard */
  over(isRead: boolean): void;
};

/** Hears the lines of a stream. @returns how to put one of our own between them; it has its end */
export function insertLines(
  stdout: Readable,
  maxBytes: number,
  listener: Listener,
): (line: Buffer) => void {
  const incoming = createLines(maxBytes);
  const inserted: Buffer[] = [];
  let isOver = false;
  let isRead = true;

  const hear = (chunk: Uint8Array): void => {
    for (const { bytes, isWhole } of incoming.push(asBuffer(chunk)))
      if (isWhole) listener.hears(bytes.subarray(0, -1));
      else isRead = false;
  };
  const over = (): undefined => {
    isOver = true;
    quietly(() => listener.over(isRead));
  };
  watchReadable(stdout, {
    restores: false,
    head: () => undefined,
    data(chunk) {
      quietly(() => hear(chunk));
      if (inserted.length === 0 || !incoming.isAtStart()) return chunk;
      return Buffer.concat([chunk, ...inserted.splice(0)]);
    },
    end: over,
    fail: over,
  });
  return (line) => {
    if (isOver || line.length === 0) return;
    inserted.push(line);
    // Not from within the very call that is answered.
    microtask(() => {
      if (isOver || !incoming.isAtStart()) return;
      for (const each of inserted.splice(0)) stdout.push(each);
    });
  };
}

export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
