import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { writtenStatusClass } from '@vantio/schema/written/integers';
import { tellUse } from '../agent/tell-use.ts';
import { currentSpan } from '../context/current-span.ts';
import { now } from '../context/main-realm.ts';
import { EXEMPT, type Span } from '../context/span.ts';
import { failureOf } from '../record/error-code.ts';
import type { Detail } from '../record/observation.ts';
import { record } from '../record/queue.ts';
import { byteCount, durationOf, hasNoBody, methodOf } from './http-fields.ts';
import { addressFields, isOwned, own } from './socket-facts.ts';
import { on } from './subscribe.ts';
import { watch } from './sweep.ts';
import { defaultPort, splitAuthority, targetOf } from './target.ts';

type Headers = Readonly<Record<string, unknown>>;
type Flow = {
  readonly at: number;
  readonly span: Span | undefined;
  readonly detail: Detail;
  sentBytes: number;
  failure: unknown;
  failed: boolean;
  answered: boolean;
  readonly socket: Socket | undefined;
  told: boolean;
};

const flows = new WeakMap<object, Flow>();
const byUndici = Symbol('undici');
const sessions = new WeakMap<object, Socket | typeof byUndici | undefined>();

/** `session.socket` is a Proxy; the socket behind it is under a symbol of Node's own. */
function rawSocket(session: ClientHttp2Session): Socket | undefined {
  const symbol = Object.getOwnPropertySymbols(session).find(
    ({ description }) => description === 'socket',
  );
  const socket = symbol && (session as unknown as Record<symbol, unknown>)[symbol];
  return typeof socket === 'object' && socket !== null ? (socket as Socket) : undefined;
}

function socketOf(session: ClientHttp2Session): Socket | typeof byUndici | undefined {
  const known = sessions.get(session);
  if (known) return known;
  const socket = rawSocket(session);
  const owner = socket && isOwned(socket) ? byUndici : socket;
  if (owner) sessions.set(session, owner);
  if (socket) own(socket);
  return owner;
}

/** Seen by the `created` channel, or on Node 20 by the birth of its native handle. */
export function onStream(
  stream: ClientHttp2Stream,
  headers: Headers,
  span: Span | undefined,
): void {
  if (span === EXEMPT || flows.has(stream)) return;
  const { session } = stream;
  // undici speaks http2 through node:http2; its own channels have told of the request already.
  const socket = session && socketOf(session as ClientHttp2Session);
  if (socket === byUndici) return;
  const { host, port } = splitAuthority(String(headers[':authority'] ?? ''));
  const fallback = defaultPort(`${String(headers[':scheme'])}:`);
  const detail: Detail = {
    ...targetOf(host, port ?? fallback),
    client: 'http2',
    http_method: methodOf(headers[':method']),
    http_version: '2',
  };
  const flow: Flow = {
    at: now(),
    span,
    detail,
    sentBytes: 0,
    failure: undefined,
    failed: false,
    answered: false,
    socket,
    told: false,
  };
  flows.set(stream, flow);
  tell(flow);
  watch((closing) => ended(flow, stream, socket, closing));
}

function tell(flow: Flow): void {
  if (!flow.told && flow.socket) flow.told = tellUse(flow.socket, flow.span, 'together');
}

function ended(
  flow: Flow,
  stream: ClientHttp2Stream,
  socket: Socket | undefined,
  closing: boolean,
): boolean {
  tell(flow);
  if (socket && !socket.destroyed) Object.assign(flow.detail, addressFields(socket));
  if (!flows.has(stream)) return true;
  if (!stream.destroyed && !closing) return false;
  finish(flow, stream, closing && !stream.destroyed);
  return true;
}

function finish(flow: Flow, stream: ClientHttp2Stream, open: boolean): void {
  flows.delete(stream);
  if (channelsLive) flow.detail.bytes_sent = flow.sentBytes;
  const failed = flow.failed || stream.rstCode !== 0;
  const end: Detail = open
    ? { outcome: 'open' }
    : failed
      ? flow.failed
        ? failureOf(flow.failure)
        : { outcome: stream.aborted ? 'aborted' : 'error' }
      : { outcome: flow.answered || !channelsLive ? 'ok' : 'unknown' };
  if (open || failed) delete flow.detail.bytes_received;
  record({
    type: 'http_request',
    at: flow.at,
    span: flow.span,
    detail: Object.assign(flow.detail, end),
  });
}

let channelsLive = false;

export function observeHttp2(): void {
  on<{ stream: ClientHttp2Stream; headers: Headers }>(
    'http2.client.stream.created',
    ({ stream, headers }) => {
      channelsLive = true;
      onStream(stream, headers, currentSpan());
    },
  );
  on('http2.client.stream.bodyChunkSent', onChunk);
  on<{ stream: ClientHttp2Stream; headers: Headers }>(
    'http2.client.stream.finish',
    ({ stream, headers }) => {
      const flow = flows.get(stream);
      const status = Number(headers[':status']);
      if (!flow || flow.answered) return;
      tell(flow);
      flow.answered = true;
      const status_class = writtenStatusClass(status);
      if (status_class !== undefined) flow.detail.status_class = status_class;
      const received = hasNoBody(flow.detail.http_method, status)
        ? 0
        : byteCount(headers['content-length']);
      if (received !== undefined) flow.detail.bytes_received = received;
    },
  );
  on<{ stream: ClientHttp2Stream; error: unknown }>(
    'http2.client.stream.error',
    ({ stream, error }) => {
      const flow = flows.get(stream);
      if (flow) Object.assign(flow, { failed: true, failure: error });
    },
  );
  on<{ stream: ClientHttp2Stream }>('http2.client.stream.close', ({ stream }) => {
    const flow = flows.get(stream);
    if (flow) flow.detail.duration_us = durationOf(flow.at, now());
  });
}

function onChunk(message: {
  stream: ClientHttp2Stream;
  writev: boolean;
  data: unknown;
  encoding: unknown;
}): void {
  const flow = flows.get(message.stream);
  if (flow) flow.sentBytes += sizeOf(message.data, message.encoding);
}

/** One chunk, or with writev a list of {chunk, encoding}, or of chunks (`allBuffers`). */
function sizeOf(data: unknown, encoding: unknown): number {
  if (typeof data === 'string')
    return Buffer.byteLength(
      data,
      Buffer.isEncoding(String(encoding)) ? (encoding as BufferEncoding) : 'utf8',
    );
  if (ArrayBuffer.isView(data)) return data.byteLength;
  if (!Array.isArray(data)) return 0;
  return data.reduce<number>((sum, part: unknown) => {
    const entry = part as { chunk?: unknown; encoding?: unknown };
    return (
      sum +
      (entry?.chunk === undefined ? sizeOf(part, encoding) : sizeOf(entry.chunk, entry.encoding))
    );
  }, 0);
}
