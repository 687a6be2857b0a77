import type { VantioBlockedError } from '../blocked-error.ts';

/** A request whose body may be looked at, the same for every client. Header names are lower case. */
export type Outgoing = {
  readonly host: string;
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly client: 'fetch' | 'undici' | 'http' | 'https' | 'http2';
  readonly header: (name: string) => string | undefined;
};

export type Unread = 'size' | 'stream' | 'multipart' | 'error';

/** What becomes of a body. `watch` is told of the response. */
export type BodyRuling =
  | Ruled
  /** It waits for the control plane, for a bounded time; the promise never rejects. */
  | { readonly kind: 'wait'; readonly ruled: Promise<Ruled> };
export type Ruled =
  | { readonly kind: 'send'; readonly bytes: Uint8Array; readonly watch?: ResponseWatch }
  | { readonly kind: 'block'; readonly error: VantioBlockedError };

/** One request that is watched. Exactly one of `inspect`, `pass` and `giveUp` is called, before a byte of the body leaves. */
export type Inspection = {
  /** Bytes to hold back at most; 0: the body is not wanted, and `pass` is called. */
  readonly maxBytes: number;
  /** @param text what the body is in UTF-8, where that is known. */
  inspect(body: Uint8Array, text?: string): BodyRuling;
  pass(): ResponseWatch | undefined;
  /** The body cannot be held: what has come of it is sent, with the rest, or the call is refused. */
  giveUp(
    reason: Unread,
  ): { readonly watch?: ResponseWatch } | { readonly error: VantioBlockedError };
};

/** Told of one response; its `end` or `fail` is called once, whatever comes. */
export type ResponseWatch = {
  /** Whether the answer is changed: it is asked for without compression, and loses its length. */
  readonly restores: boolean;
  head(status: number, header: (name: string) => string | undefined): void;
  /** @returns what the program gets in its place; the very chunk when nothing changes. */
  data(chunk: Uint8Array): Uint8Array;
  /** @returns what was held back, or nothing. */
  end(): Uint8Array | undefined;
  fail(error: unknown): void;
};

/** The seam between transports and what is decided of bodies: redaction, models, and whoever counts spend. */
export type BodyGuard = (request: Outgoing) => Inspection | undefined;
