export type Collected =
  | { readonly kind: 'whole'; readonly bytes: Buffer }
  /** More than the bound: all of it, what was taken already included. */
  | { readonly kind: 'more'; readonly rest: AsyncIterable<unknown> };

const bytesOf = (chunk: unknown): Buffer =>
  typeof chunk === 'string'
    ? Buffer.from(chunk)
    : ArrayBuffer.isView(chunk)
      ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      : Buffer.from(chunk as ArrayBuffer);

/** Takes a stream in up to a bound. @throws what the stream fails with */
export async function collect(body: AsyncIterable<unknown>, maxBytes: number): Promise<Collected> {
  const iterator = body[Symbol.asyncIterator]();
  const chunks: Buffer[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await iterator.next();
    if (done) return { kind: 'whole', bytes: Buffer.concat(chunks, size) };
    const bytes = bytesOf(value);
    size += bytes.length;
    chunks.push(bytes);
    if (size > maxBytes) return { kind: 'more', rest: replay(chunks, iterator) };
  }
}

async function* replay(
  chunks: Buffer[],
  iterator: AsyncIterator<unknown>,
): AsyncGenerator<unknown, void> {
  let finished = false;
  try {
    while (chunks.length > 0) yield chunks.shift();
    for (;;) {
      const { done, value } = await iterator.next();
      if (done) {
        finished = true;
        return;
      }
      yield value;
    }
  } finally {
    if (!finished) await iterator.return?.();
  }
}
