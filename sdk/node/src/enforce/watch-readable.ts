import type { Readable } from 'node:stream';
import type { ResponseWatch } from './body/body-guard.ts';

/** What a stream is given to hand out goes through the watch first. No listener is added: the stream flows as it did. */
export function watchReadable(stream: Readable, watch: ResponseWatch): void {
  const { push, _destroy } = stream;
  let over = false;
  define(stream, 'push', function (this: Readable, chunk: unknown, encoding?: BufferEncoding) {
    if (over) return push.call(this, chunk, encoding);
    if (chunk === null) {
      over = true;
      const rest = watch.end();
      if (rest && rest.length > 0) push.call(this, asBuffer(rest));
      return push.call(this, null);
    }
    const handed = watch.data(bytesOf(chunk, encoding));
    return handed.length === 0 ? true : push.call(this, asBuffer(handed));
  });
  define(
    stream,
    '_destroy',
    function (this: Readable, error: Error | null, done: (error?: Error | null) => void) {
      if (!over) {
        over = true;
        watch.fail(error ?? Object.assign(new Error('aborted'), { code: 'ABORT_ERR' }));
      }
      return _destroy.call(this, error, done);
    },
  );
}

const define = (stream: object, name: string, value: unknown): void =>
  void Object.defineProperty(stream, name, { value, writable: true, configurable: true });

const bytesOf = (chunk: unknown, encoding?: BufferEncoding): Uint8Array =>
  typeof chunk === 'string' ? Buffer.from(chunk, encoding) : (chunk as Uint8Array);

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
