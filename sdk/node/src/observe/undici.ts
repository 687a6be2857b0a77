import type { Socket } from 'node:net';
import { writtenStatusClass } from '@vantio/schema/written/integers';
import { type Sharing, tellUse } from '../agent/tell-use.ts';
import { currentSpan } from '../context/current-span.ts';
import { now } from '../context/main-realm.ts';
import { EXEMPT, type Span } from '../context/span.ts';
import { refused } from '../enforce/refused.ts';
import { failureOf } from '../record/error-code.ts';
import type { Detail } from '../record/observation.ts';
import { record } from '../record/queue.ts';
import { connecting } from './connecting.ts';
import { byteCount, contentLength, durationOf, hasNoBody, methodOf } from './http-fields.ts';
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

/** Kept as it comes; made into fields at the flush, off the request's path. */
type Flow = {
  readonly at: number;
  readonly span: Span | undefined;
  readonly origin: string;
  readonly method: string;
  readonly client: 'fetch' | 'undici' | 'websocket';
  /** Known before it is sent: undefined for a stream. */
  readonly bodyBytes: number | undefined;
  connection: Detail | undefined;
  status: number | undefined;
  headers: readonly unknown[];
  receivedBytes: number | undefined;
  sentBytes: number | undefined;
  endedAt: number | undefined;
  failure: Detail | undefined;
};

const MAX_FLOWS = 20_000;
const UPGRADED = 101;
const NO_HEADERS: readonly unknown[] = [];
const flows = new Map<UndiciRequest, Flow>();

function onCreate({ request }: { request: UndiciRequest }): void {
  const span = currentSpan();
  if (span === EXEMPT) return;
  if (flows.size >= MAX_FLOWS) dropOldest();
  flows.set(request, {
    at: now(),
    span,
    origin: String(request.origin),
    method: request.method,
    client: clientOf(request),
    bodyBytes: sizeOfBody(request),
    connection: undefined,
    status: undefined,
    headers: NO_HEADERS,
    receivedBytes: undefined,
    sentBytes: undefined,
    endedAt: undefined,
    failure: undefined,
  });
}

/** Of all that fetch too sends by undici, only fetch sets this header; undici.request, stream and pipeline do not. */
function clientOf({ upgrade, headers }: UndiciRequest): Flow['client'] {
  if (upgrade === 'websocket') return 'websocket';
  return headers.includes('sec-fetch-mode') ? 'fetch' : 'undici';
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
    settle(flow, 'unknown');
    return;
  }
}

/** `alpnProtocol` is that of TLS. */
type ClientSocket = Socket & { readonly alpnProtocol?: unknown };

function onSendHeaders({
  request,
  socket,
}: {
  request: UndiciRequest;
  socket: ClientSocket;
}): void {
  const flow = flows.get(request);
  if (!flow) return;
  tellUse(socket, flow.span, sharingOf(request, socket));
  flow.connection = connectionFields(socket);
  if (request.upgrade) {
    upgrading.set(socket.localPort, request);
    watch((closing) => upgradeEnded(request, socket, closing));
  }
}

const sharingOf = ({ upgrade }: UndiciRequest, { alpnProtocol }: ClientSocket): Sharing =>
  upgrade ? 'untold' : alpnProtocol === 'h2' ? 'together' : 'turns';

/** Requests that asked for an upgrade and are not settled, by the local port of their connection. */
const upgrading = new Map<number | undefined, UndiciRequest>();

/** Once upgraded, its end is that of the socket: of it undici tells nothing. */
function upgradeEnded(request: UndiciRequest, socket: Socket, closing: boolean): boolean {
  const flow = flows.get(request);
  if (flow && !socket.destroyed && !closing) return false;
  for (const [port, other] of upgrading) if (other === request) upgrading.delete(port);
  if (!flow) return true;
  flows.delete(request);
  settle(flow, !socket.destroyed ? 'open' : flow.status === UPGRADED ? 'ok' : 'unknown');
  return true;
}

/** Not every version of undici tells of the headers of an answer that upgrades. */
function onWebSocketOpen({ address }: { address: { port?: number } }): void {
  const request = upgrading.get(address.port);
  const flow = request && flows.get(request);
  if (flow) Object.assign(flow, { status: UPGRADED, endedAt: now() });
}

function onHeaders(message: {
  request: UndiciRequest;
  response: { statusCode: number; headers: readonly unknown[] };
}): void {
  const flow = flows.get(message.request);
  if (!flow) return;
  flow.status = message.response.statusCode;
  flow.headers = message.response.headers;
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
  if (!flow || flow.status === UPGRADED) return;
  flows.delete(request);
  flow.endedAt = now();
  flow.sentBytes = flow.bodyBytes ?? byteCount(request.contentLength) ?? flow.sentBytes;
  flow.receivedBytes = bytesReceived(flow);
  settle(flow, 'ok');
}

/** What undici 6 does over HTTP/2 it tells too little of: neither the connection nor how much of a body came. */
function bytesReceived(flow: Flow): number | undefined {
  const { method, status, headers, receivedBytes, connection } = flow;
  if (hasNoBody(method, status ?? 0)) return 0;
  return receivedBytes ?? (connection && contentLength(headers));
}

function onError({ request, error }: { request: UndiciRequest; error: unknown }): void {
  const flow = flows.get(request);
  if (!flow) return;
  flows.delete(request);
  if (refused.has(request)) return;
  flow.endedAt = now();
  flow.failure = failureOf(error);
  settle(flow, 'error');
}

type Outcome = NonNullable<Detail['outcome']>;

function settle(flow: Flow, outcome: Outcome): void {
  const { at, span } = flow;
  // A queued flow must not hold the response's headers in memory, nor the error's context.
  flow.headers = NO_HEADERS;
  record({ type: 'http_request', at, span, detail: () => describe(flow, outcome) });
}

function describe(flow: Flow, outcome: Outcome): Detail {
  const { endedAt, sentBytes, receivedBytes } = flow;
  const status = writtenStatusClass(flow.status);
  const whole = outcome === 'ok';
  return {
    ...targetOfOrigin(flow.origin),
    client: flow.client,
    http_method: methodOf(flow.method),
    ...flow.connection,
    ...(status === undefined ? {} : { status_class: status }),
    ...(endedAt === undefined ? {} : { duration_us: durationOf(flow.at, endedAt) }),
    // How much of a body went or came before a failure is not known exactly.
    ...(whole && sentBytes !== undefined ? { bytes_sent: sentBytes } : {}),
    ...(whole && receivedBytes !== undefined ? { bytes_received: receivedBytes } : {}),
    outcome,
    ...flow.failure,
  };
}

export function observeUndici(): void {
  on('undici:request:create', onCreate);
  on('undici:client:sendHeaders', onSendHeaders);
  on('undici:request:headers', onHeaders);
  on('undici:request:bodyChunkSent', onChunkSent);
  on('undici:request:bodyChunkReceived', onChunkReceived);
  on('undici:request:trailers', onTrailers);
  on('undici:request:error', onError);
  on('undici:websocket:open', onWebSocketOpen);
  on('undici:client:beforeConnect', () => connecting.byUndici());
  on('undici:client:connected', ({ socket }: { socket: Socket }) => own(socket));
}

/** Tells of what is still in flight when the process ends. */
export function settleUndici(): void {
  for (const flow of flows.values()) settle(flow, 'open');
  flows.clear();
}
