import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { createEventReader } from './event-reader.ts';
import { createFrameReader } from './frame-reader.ts';
import { laterUsage, type Usage, usageIn } from './usage.ts';

/** Reads usage from a response as it passes; the bytes themselves are not kept beyond what one event or document needs. */
export type UsageReader = {
  readonly streamed: boolean;
  push(chunk: Uint8Array): void;
  /** @returns what tells it: a document is parsed when somebody asks, which most often is the flush. */
  end(): () => Usage;
};

const MAX_DOCUMENT = 8 * 1024 * 1024;

export function createUsageReader(
  contentType: string | undefined,
  contentEncoding: string | undefined,
): UsageReader | undefined {
  const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const encoding = (contentEncoding ?? '').trim().toLowerCase();
  const streamed = type === 'text/event-stream' || type === 'application/x-ndjson';
  const framed = type === 'application/vnd.amazon.eventstream';
  if (!streamed && !framed && !/[/+]json$/.test(type)) return undefined;
  if (encoding !== '' && encoding !== 'identity') return whole(streamed, framed, encoding);
  if (!streamed && !framed) return whole(false, false, '');
  return parts(framed);
}

/** Events one by one: a stream of hours needs no more memory than its longest event. */
function parts(framed: boolean): UsageReader {
  let usage: Usage = {};
  const read = (text: string): void => {
    usage = laterUsage(usage, usageOf(text));
  };
  const reader = framed ? createFrameReader(read) : createEventReader(read);
  return {
    streamed: true,
    push: reader.push,
    end() {
      reader.end();
      return () => usage;
    },
  };
}

/** A document, or what is compressed: kept, up to a bound, and read at its end. */
function whole(streamed: boolean, framed: boolean, encoding: string): UsageReader {
  let chunks: Uint8Array[] = [];
  let size = 0;
  return {
    streamed: streamed || framed,
    push(chunk) {
      size += chunk.length;
      if (size > MAX_DOCUMENT) chunks = [];
      else chunks.push(chunk);
    },
    end() {
      if (size === 0 || size > MAX_DOCUMENT) return () => NOTHING;
      const bytes = decoded(together(chunks), encoding);
      chunks = [];
      if (bytes === undefined) return () => NOTHING;
      if (!streamed && !framed) return later(bytes.toString('utf8'));
      const inner = parts(framed);
      inner.push(bytes);
      return inner.end();
    },
  };
}

/** Most answers come in one piece, which need not be copied. */
function together(chunks: readonly Uint8Array[]): Buffer {
  const [first] = chunks;
  return first !== undefined && chunks.length === 1
    ? Buffer.from(first.buffer, first.byteOffset, first.byteLength)
    : Buffer.concat(chunks);
}

const NOTHING: Usage = {};
const MAX_WAITING = 4 * 1024 * 1024;
/** Characters of all documents that wait to be parsed; past the bound they are parsed at once. */
let waiting = 0;

function later(text: string): () => Usage {
  if (waiting + text.length > MAX_WAITING) {
    const usage = usageOf(text);
    return () => usage;
  }
  waiting += text.length;
  let usage: Usage | undefined;
  return () => {
    if (usage === undefined) {
      waiting -= text.length;
      usage = usageOf(text);
    }
    return usage;
  };
}

function usageOf(text: string): Usage {
  // What cannot hold a usage is not worth parsing: most events of a stream.
  if (!/"usage|"model|eval_count/.test(text)) return {};
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value)
      ? value.reduce<Usage>((all, each) => laterUsage(all, usageIn(each)), {})
      : usageIn(value);
  } catch {
    return {};
  }
}

function decoded(bytes: Buffer, encoding: string): Buffer | undefined {
  const bound = { maxOutputLength: MAX_DOCUMENT };
  try {
    if (encoding === '') return bytes;
    if (encoding === 'gzip' || encoding === 'x-gzip') return gunzipSync(bytes, bound);
    if (encoding === 'br') return brotliDecompressSync(bytes, bound);
    if (encoding === 'deflate') return inflateSync(bytes, bound);
  } catch {
    // Broken or cut off: it tells nothing.
  }
  return undefined;
}
