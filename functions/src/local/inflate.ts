import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { WIRE_LIMITS } from '@vantio/schema/wire/limits';
import { type Refusal, refuse } from '../door/problem-response.ts';

const BOUND = { maxOutputLength: WIRE_LIMITS.inflatedBytes };

const INFLATERS: ReadonlyMap<string, (body: Buffer) => Promise<Buffer>> = new Map([
  ['gzip', (body: Buffer) => promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gunzip)(body, BOUND)],
  [
    'deflate',
    (body: Buffer) => promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.inflate)(body, BOUND),
  ],
  [
    'br',
    (body: Buffer) =>
      promisify<Buffer, zlib.BrotliOptions, Buffer>(zlib.brotliDecompress)(body, BOUND),
  ],
  [
    'zstd',
    (body: Buffer) => promisify<Buffer, zlib.ZstdOptions, Buffer>(zlib.zstdDecompress)(body, BOUND),
  ],
]);

/**
 * Undoes a Content-Encoding, off the event loop, and stops at the bound: a body of 292 kB can stand for 300 MB.
 * One coding only; a list of them is refused.
 */
export async function inflate(
  body: Buffer,
  contentEncoding: string | undefined,
): Promise<Buffer | Refusal> {
  const coding = (contentEncoding ?? 'identity').trim().toLowerCase();
  if (coding === 'identity' || coding === '') return body;
  const undo = INFLATERS.get(coding);
  if (!undo)
    return refuse(
      'unsupported_encoding',
      'send the body as it is, or with one Content-Encoding of gzip, deflate, br or zstd',
      {},
      { 'accept-encoding': [...INFLATERS.keys()].join(', ') },
    );
  try {
    return await undo(body);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      return refuse(
        'body_too_large',
        `the body inflates to more than ${WIRE_LIMITS.inflatedBytes} bytes`,
      );
    return refuse('malformed_encoding', `the body is not ${coding} data`);
  }
}
