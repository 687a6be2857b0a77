/** Whose API the body is for; `generic` walks all strings of any JSON. */
export type Provider = 'openai' | 'anthropic' | 'gemini' | 'bedrock' | 'ollama' | 'generic';

/** Undoes and redoes a `content-encoding`. Schema does no I/O and has no zlib: whoever has, hands it in. */
export type Codec = {
  /** @throws when the bytes are not of this encoding, or would be more than `maxBytes`. */
  readonly decode: (bytes: Uint8Array, maxBytes: number) => Uint8Array;
  readonly encode: (bytes: Uint8Array) => Uint8Array;
};

export type BodyFacts = {
  readonly provider: Provider;
  readonly contentType: string | undefined;
  /** What the bytes are in UTF-8, where the caller knows: they need not be read again. */
  readonly text?: string | undefined;
  /** The header as it was sent; undefined or `identity`: none. */
  readonly contentEncoding?: string | undefined;
  /** By encoding in lower case: `gzip`, `br`, `zstd`, `deflate`. An encoding without codec is not scanned: `encoding`. */
  readonly codecs?: Readonly<Record<string, Codec>>;
  /** The request carries a signature over its body, which a changed body would break. */
  readonly isSigned?: boolean;
  /** Bytes, encoded or decoded, beyond which a body is not scanned: `size`. */
  readonly maxBytes: number;
};
