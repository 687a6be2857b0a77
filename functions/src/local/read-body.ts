import type { IncomingMessage } from 'node:http';
import { WIRE_LIMITS } from '@vantio/schema/wire/limits';
import { type Refusal, refuse } from '../door/problem-response.ts';

export const tooLarge = (limit: number = WIRE_LIMITS.wireBytes): Refusal =>
  refuse('body_too_large', `the body is over ${limit} bytes; send smaller batches`);

/** Refuses by the size that the client declares, before a byte is read. */
export const declaredTooLarge = (
  request: IncomingMessage,
  limit: number = WIRE_LIMITS.wireBytes,
): boolean => Number(request.headers['content-length'] ?? 0) > limit;

/**
 * Keeps what all requests together hold within bounds.
 * @param maxBytes bodies held in memory at one time.
 */
export function createBodyBudget(maxBytes: number, onChange: (held: number) => void = () => {}) {
  let held = 0;
  /** @returns how to give the room back; undefined when there is none. */
  return (bytes: number): (() => void) | undefined => {
    if (held + bytes > maxBytes) return undefined;
    held += bytes;
    onChange(held);
    return () => {
      held -= bytes;
      bytes = 0;
      onChange(held);
    };
  };
}

/** The body as it travelled. Counts what arrives, whatever was declared. @returns undefined when the client went away. */
export const readBody = (
  request: IncomingMessage,
  limit: number = WIRE_LIMITS.wireBytes,
): Promise<Buffer | Refusal | undefined> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        request.removeAllListeners('data');
        resolve(tooLarge(limit));
      } else chunks.push(chunk);
    });
    request.on('end', () => resolve(Buffer.concat(chunks, size)));
    request.on('error', () => resolve(undefined));
    request.on('close', () => resolve(undefined));
  });
