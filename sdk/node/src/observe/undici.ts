import type { Socket } from 'node:net';
import { now } from '../context/main-realm.ts';
import { EXEMPT, type Span, storage } from '../context/span.ts';
import { failureOf } from '../record/error-code.ts';
import type { Detail } from '../record/observation.ts';
import { record } from '../record/queue.ts';
import { connecting } from './connecting.ts';
import {
  byteCount,
  contentLength,
  durationOf,
  hasNoBody,
  methodOf,
  statusClassOf,
} from './http-fields.ts';
import { connectionFields, own } from './socket-facts.ts';
import { on } from './subscribe.ts';
import { watch } from './sweep.ts';
import { targetOfOrigin } from './target.ts';

/** What undici's channels show of a request (docs/api/DiagnosticsChannel.md of undici 6 and 7). */
type UndiciRequest = {
  readonly origin: string | URL;
  readonly method: string;
  readonly headers: readonly unknown[] | string;
  readonly contentLength: number | null;
  readonly body: unknown;
  readonly upgrade: unknown;
};
type Chunk = string | Uint8Array;

type Flow = {
  readonly at: number;
  readonly span: Span | undefined;
  readonly detail: Detail;
  announcedBytes: number | undefined;
  receivedBytes: number | undefined;
  /** Known before it is sent: undefined for a stream. */
  readonly bodyBytes: number | undefined;
  sentBytes: number | undefined;
  noBody: boolean;
};

const MAX_FLOWS = 20_000;
const flows = new Map<UndiciRequest, Flow>();

function onCreate({ request }: { request: UndiciRequest }): void {
  const span = storage.getStore();
  if (span === EXEMPT) return;
  if (flows.size >= MAX_FLOWS) dropOldest();
  const { headers } = request;
  const detail: Detail = {
    ...targetOfOrigin(String(request.origin)),
    // Only fetch sets this header; undici.request, stream and pipeline do not.
    client: headers.includes('sec-fetch-mode') ? 'fetch' : 'undici',
    http_method: methodOf(request.method),
  };
  flows.set(request, {
    at: now(),
    span,
    detail,
    announcedBytes: undefined,
    receivedBytes: undefined,
    bodyBytes: sizeOfBody(request),
    sentBytes: undefined,
    noBody: false,
  });
}

/** The body is let go once it is sent, so it is looked at before. */
function sizeOfBody({ body }: UndiciRequest): number | undefined {
  if (body === null || body === undefined) return 0;
  return ArrayBuffer.isView(body) ? body.byteLength : undefined;
}

/** A request that neither ended nor failed is as good as open for ever: told of as such, and forgotten. */
function dropOldest(): void {
  for (const [request, flow] of flows) {
    flows.delete(request);
    settle(flow, { outcome: 'unknown' });
    return;
  }
}

function onSendHeaders({ request, socket }: { request: UndiciRequest; socket: Socket }): void {
  own(socket);
  const flow = flows.get(request);
  if (!flow) return;
  Object.assign(flow.detail, connectionFields(socket));
  if (request.upgrade) {
    flows.delete(request);
    watch((closing) => upgradeEnded(flow, socket, closing));
  }
}

/** After an upgrade undici tells nothing more: the socket is all there is. */
function upgradeEnded(flow: Flow, socket: Socket, closing: boolean): boolean {
  if (!socket.destroyed && !closing) return false;
  const span = flow.span;
  const outcome = socket.destroyed ? ('unknown' as const) : ('open' as const);
  record({ type: 'http_request', at: flow.at, span, detail: { ...flow.detail, outcome } });
  return true;
}

function onHeaders(message: {
  request: UndiciRequest;
  response: { statusCode: number; headers: readonly unknown[] };
}): void {
  const flow = flows.get(message.request);
  if (!flow) return;
  const { statusCode, headers } = message.response;
  const status = statusClassOf(statusCode);
  if (status !== undefined) flow.detail.status_class = status;
  flow.noBody = hasNoBody(message.request.method, statusCode);
  flow.announcedBytes = contentLength(headers);
}

function onChunkSent({ request, chunk }: { request: UndiciRequest; chunk: Chunk }): void {
  const flow = flows.get(request);
  if (flow) flow.sentBytes = (flow.sentBytes ?? 0) + Buffer.byteLength(chunk);
}

function onChunkReceived({ request, chunk }: { request: UndiciRequest; chunk: Chunk }): void {
  const flow = flows.get(request);
  if (flow) flow.receivedBytes = (flow.receivedBytes ?? 0) + chunk.length;
}

function onTrailers({ request }: { request: UndiciRequest }): void {
  const flow = flows.get(request);
  if (!flow) return;
  flows.delete(request);
  const sent = flow.bodyBytes ?? byteCount(request.contentLength) ?? flow.sentBytes;
  const received = flow.noBody ? 0 : (flow.receivedBytes ?? flow.announcedBytes);
  if (sent !== undefined) flow.detail.bytes_sent = sent;
  if (received !== undefined) flow.detail.bytes_received = received;
  settle(flow, { outcome: 'ok', duration_us: durationOf(flow.at, now()) });
}

function onError({ request, error }: { request: UndiciRequest; error: unknown }): void {
  const flow = flows.get(request);
  if (!flow) return;
  flows.delete(request);
  settle(flow, { ...failureOf(error), duration_us: durationOf(flow.at, now()) });
}

function settle({ at, span, detail }: Flow, end: Detail): void {
  record({ type: 'http_request', at, span, detail: Object.assign(detail, end) });
}

export function observeUndici(): void {
  on('undici:request:create', onCreate);
  on('undici:client:sendHeaders', onSendHeaders);
  on('undici:request:headers', onHeaders);
  on('undici:request:bodyChunkSent', onChunkSent);
  on('undici:request:bodyChunkReceived', onChunkReceived);
  on('undici:request:trailers', onTrailers);
  on('undici:request:error', onError);
  on('undici:client:beforeConnect', () => connecting.byUndici());
  on('undici:client:connected', ({ socket }: { socket: Socket }) => own(socket));
}

/** Tells of what is still in flight when the process ends. */
export function settleUndici(): void {
  for (const flow of flows.values()) settle(flow, { outcome: 'open' });
  flows.clear();
}
