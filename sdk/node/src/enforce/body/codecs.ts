import * as zlib from 'node:zlib';
import type { Codec } from '@vantio/schema/redact/body/body-facts';

type Bytes = Uint8Array;
type Bound = { readonly maxOutputLength: number };

const codec = (
  decode: (bytes: Bytes, bound: Bound) => Uint8Array,
  encode: (bytes: Bytes) => Uint8Array,
): Codec => ({
  decode: (bytes, maxBytes) => decode(bytes, { maxOutputLength: maxBytes }),
  encode: (bytes) => encode(bytes),
});

const gzip = codec(zlib.gunzipSync, zlib.gzipSync);
// Node has it from 22.15 on.
const { zstdDecompressSync, zstdCompressSync } = zlib as unknown as {
  readonly zstdDecompressSync?: (bytes: Bytes, bound: Bound) => Uint8Array;
  readonly zstdCompressSync?: (bytes: Bytes) => Uint8Array;
};

/** What undoes and redoes a content-encoding, by its name in the header. */
export const CODECS: Readonly<Record<string, Codec>> = {
  gzip,
  'x-gzip': gzip,
  deflate: codec(zlib.inflateSync, zlib.deflateSync),
  br: codec(zlib.brotliDecompressSync, zlib.brotliCompressSync),
  ...(zstdDecompressSync && zstdCompressSync
    ? { zstd: codec(zstdDecompressSync, zstdCompressSync) }
    : {}),
};
