import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { WIRE_LIMITS } from '@vantio/schema/wire/limits';
import { type Refusal, refuse } from '../door/problem-response.ts';

const BOUND = { maxOutputLength: WIRE_LIMITS.inflatedBytes };

type Inflater = (
  body: Buffer,
  bound: typeof BOUND,
  done: (error: Error | null, inflated: Buffer) => void,
) => void;

const INFLATERS: Readonly<Record<string, Inflater | undefined>> = {
  gzip: zlib.gunzip,
  deflate: zlib.inflate,
  br: zlib.brotliDecompress,
  // Node 20 has none, nor has 22 before 22.15: there the coding is refused like any other that is not known.
  zstd: zlib.zstdDecompress,
};
const CODINGS = Object.keys(INFLATERS).filter((coding) => INFLATERS[coding] !== undefined);

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
  const undo = CODINGS.includes(coding) ? INFLATERS[coding] : undefined;
  if (!undo)
    return refuse(
      'unsupported_encoding',
      `send the body as it is, or with one Content-Encoding of these: ${CODINGS.join(', ')}`,
      {},
      { 'accept-encoding': CODINGS.join(', ') },
    );
  try {
    return await promisify(undo)(body, BOUND);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      return refuse(
        'body_too_large',
        `the body inflates to more than ${WIRE_LIMITS.inflatedBytes} bytes`,
      );
    return refuse('malformed_encoding', `the body is not ${coding} data`);
  }
}
