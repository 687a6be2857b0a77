import type { IncomingMessage } from 'node:http';
import { WIRE_LIMITS } from '@vantio/schema/wire/limits';
import { type Refusal, refuse } from '../door/problem-response.ts';

/** Bodies held in memory at one time, all requests together. */
const MAX_HELD_BYTES = 256 * 1024 * 1024;

export const tooLarge = (): Refusal =>
  refuse('body_too_large', `the body is over ${WIRE_LIMITS.wireBytes} bytes; send smaller batches`);

/** Refuses by the size that the client declares, before a byte is read. */
export const declaredTooLarge = (request: IncomingMessage): boolean =>
  Number(request.headers['content-length'] ?? 0) > WIRE_LIMITS.wireBytes;

/** Keeps what all requests together hold within bounds. */
export function createBodyBudget() {
  let held = 0;
  /** @returns how to give the room back; undefined when there is none. */
  return (bytes: number): (() => void) | undefined => {
    if (held + bytes > MAX_HELD_BYTES) return undefined;
    held += bytes;
    return () => {
      held -= bytes;
      bytes = 0;
    };
  };
}

/** The body as it travelled. Counts what arrives, whatever was declared. @returns undefined when the client went away. */
export const readBody = (request: IncomingMessage): Promise<Buffer | Refusal | undefined> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > WIRE_LIMITS.wireBytes) {
        request.removeAllListeners('data');
        resolve(tooLarge());
      } else chunks.push(chunk);
    });
    request.on('end', () => resolve(Buffer.concat(chunks, size)));
    request.on('error', () => resolve(undefined));
    request.on('close', () => resolve(undefined));
  });
