import { subscribe } from 'node:diagnostics_channel';

/**
 * Loaded into a function's process before anything else (`--import`). Times, by the runtime's own channels, each request from
 * its head to the answer's last byte handed on, and each gRPC call from its first to its last frame. Sends `Spans` when told
 * `take`, and forgets them.
 */
export type Spans = {
  readonly requests: readonly Span[];
  readonly calls: readonly Span[];
};

export type Span = {
  /** Milliseconds. */
  readonly from: number;
  readonly to: number;
  /** Of a call: `/package.Service/Method`. */
  readonly path: string;
};

type Channelled = {
  readonly response?: object;
  readonly stream?: object;
  readonly headers?: Readonly<Record<string, unknown>>;
};

const open = new WeakMap<object, { readonly from: number; readonly path: string }>();
let requests: Span[] = [];
let calls: Span[] = [];

const begin = (subject: object | undefined, path = ''): void => {
  if (subject) open.set(subject, { from: performance.now(), path });
};
const end = (subject: object | undefined, spans: Span[]): void => {
  const begun = subject && open.get(subject);
  if (begun) spans.push({ ...begun, to: performance.now() });
};
const on = (channel: string, seen: (message: Channelled) => void): void =>
  subscribe(channel, (message) => seen(message as Channelled));

on('http.server.request.start', ({ response }) => begin(response));
on('http.server.response.finish', ({ response }) => end(response, requests));
on('http2.client.stream.created', ({ stream, headers }) =>
  begin(stream, String(headers?.[':path'])),
);
on('http2.client.stream.close', ({ stream }) => end(stream, calls));

process.on('message', () => {
  process.send?.({ requests, calls } satisfies Spans);
  requests = [];
  calls = [];
});
// Listening for messages must not keep the process.
process.channel?.unref();
