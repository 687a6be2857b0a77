import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { writtenStatusClass } from '@vantio/schema/written/integers';
import { isTold } from '../agent/agent.ts';
import { tellUse } from '../agent/tell-use.ts';
import { currentSpan } from '../context/current-span.ts';
import { guard } from '../context/guard.ts';
import { now, thisProcess } from '../context/main-realm.ts';
import { EXEMPT, type Span } from '../context/span.ts';
import { refused } from '../enforce/refused.ts';
import { failureOf } from '../record/error-code.ts';
import type { Detail } from '../record/observation.ts';
import { record } from '../record/queue.ts';
import { byteCount, contentLength, durationOf, hasNoBody, methodOf } from './http-fields.ts';
import { connectionFields, own } from './socket-facts.ts';
import { on } from './subscribe.ts';
import { watch } from './sweep.ts';
import { defaultPort, splitAuthority, type Target, targetOf } from './target.ts';

/** Parts of a ClientRequest that the types leave out; present in Node 20 to 24. */
type Request = ClientRequest & {
  readonly _contentLength?: number | null;
  readonly chunkedEncoding?: boolean;
  readonly upgradeOrConnect?: boolean;
  readonly res?: IncomingMessage | null;
  readonly socketPath?: string;
};
type NamedSocket = Socket & { readonly _host?: string | null };

type Flow = {
  readonly at: number;
  readonly span: Span | undefined;
  readonly detail: Detail;
  done: boolean;
  /** Whether the agent knows which connection it is on. */
  told: boolean;
};

const flows = new WeakMap<Request, Flow>();

/** `created` is Node 22's; where it is missing, `start` comes when the request has been written. */
export function onBegin({ request }: { request: Request }): void {
  if (request.socket) own(request.socket);
  const known = flows.get(request);
  if (known) {
    tell(known, request);
    return;
  }
  const span = currentSpan();
  if (span === EXEMPT) return;
  const flow: Flow = { at: now(), span, detail: {}, done: false, told: false };
  flows.set(request, flow);
  tellSoon(flow, request);
  // Held until the next look after its end: a collector may come in between, and its connection holds it till then.
  watch((closing) => beganEnded(flow, request, closing));
}

/**
 * A connection that is kept alive is given to its request in the next tick; what is written first follows that in the same
 * stretch of code. A new one is looked at until it is open.
 */
function tellSoon(flow: Flow, request: Request): void {
  if (!isTold()) return;
  tell(flow, request);
  if (!flow.told) thisProcess.nextTick(guard('http', () => tell(flow, request)));
}

/** The request that a connection which is open now was made for, if it was made for one. */
export function tellRequestOn(socket: object): boolean {
  const { _httpMessage: request } = socket as { readonly _httpMessage?: Request | null };
  if (!request) return false;
  const flow = flows.get(request);
  if (flow) tell(flow, request);
  return true;
}

function tell(flow: Flow, request: Request): void {
  if (flow.told || !request.socket) return;
  const upgrades = request.method === 'CONNECT' || request.getHeader('upgrade') !== undefined;
  flow.told = tellUse(request.socket, flow.span, upgrades ? 'untold' : 'turns');
}

/** A request may be dropped, upgraded or destroyed without any channel telling. */
function beganEnded(flow: Flow, request: Request, closing: boolean): boolean {
  if (flow.done || refused.has(request)) return true;
  tell(flow, request);
  if (request.upgradeOrConnect) {
    const { socket } = request;
    if (socket && !socket.destroyed && !closing) return false;
    fill(flow, request);
    flow.detail.status_class = request.method === 'CONNECT' ? 2 : 1;
    settle(flow, { outcome: closing ? 'open' : 'ok' });
    return true;
  }
  if (!closing && !(request.destroyed && !request.res)) return false;
  fill(flow, request);
  settle(flow, { outcome: request.destroyed ? 'aborted' : 'open' });
  return true;
}

function onResponse({ request, response }: { request: Request; response: IncomingMessage }): void {
  const flow = flows.get(request);
  if (!flow || flow.done) return;
  tell(flow, request);
  fill(flow, request);
  const status = writtenStatusClass(response.statusCode);
  if (status !== undefined) flow.detail.status_class = status;
  const version = response.httpVersion;
  if (version === '1.0' || version === '1.1') flow.detail.http_version = version;
  flow.detail.duration_us = durationOf(flow.at, now());
  flow.done = true;
  const announced = hasNoBody(request.method, response.statusCode ?? 0)
    ? 0
    : contentLength(response.rawHeaders);
  watch((closing) => responseEnded(flow, response, announced, closing));
}

/** The channel fires at the headers; that the body came whole is told by `complete`. */
function responseEnded(
  flow: Flow,
  response: IncomingMessage,
  announced: number | undefined,
  closing: boolean,
): boolean {
  if (response.complete) {
    if (announced !== undefined) flow.detail.bytes_received = announced;
    settle(flow, { outcome: 'ok' });
  } else if (response.destroyed) settle(flow, { outcome: 'aborted' });
  else if (closing) settle(flow, { outcome: 'open' });
  else return false;
  return true;
}

function onError({ request, error }: { request: Request; error: unknown }): void {
  const flow = flows.get(request);
  if (request.socket) own(request.socket);
  if (!flow || flow.done || refused.has(request)) return;
  fill(flow, request);
  settle(flow, { ...failureOf(error), duration_us: durationOf(flow.at, now()) });
}

function fill(flow: Flow, request: Request): void {
  const socket: NamedSocket | null = request.socket;
  if (socket) own(socket);
  Object.assign(
    flow.detail,
    targetOfRequest(request, socket),
    socket ? connectionFields(socket) : {},
    request.socketPath ? { protocol: 'unix' } : {},
  );
  flow.detail.client = request.protocol === 'https:' ? 'https' : 'http';
  flow.detail.http_method = methodOf(request.method);
  const sent = request.chunkedEncoding
    ? undefined
    : (byteCount(request.getHeader('content-length')) ?? byteCount(request._contentLength));
  if (sent !== undefined && request.writableEnded) flow.detail.bytes_sent = sent;
}

/**
 * The port asked for. A direct connection's own port is the truth; behind a proxy agent the socket's is the proxy's, and
 * the Host header, which Node fills with the port asked for, is the best there is.
 */
function targetOfRequest(request: Request, socket: NamedSocket | null): Target {
  const { host, protocol } = request;
  const direct = socket && (socket._host === host || socket.remoteAddress === host);
  if (direct && socket.remotePort !== undefined) return targetOf(host, socket.remotePort);
  const header = request.getHeader('host');
  const named = typeof header === 'string' ? splitAuthority(header) : undefined;
  const sameHost = named?.host === host || named?.host === `[${host}]`;
  return targetOf(host, (sameHost ? named?.port : undefined) ?? defaultPort(protocol));
}

function settle(flow: Flow, end: Detail): void {
  flow.done = true;
  record({
    type: 'http_request',
    at: flow.at,
    span: flow.span,
    detail: Object.assign(flow.detail, end),
  });
}

export function observeHttp(): void {
  on('http.client.request.created', onBegin);
  on('http.client.request.start', onBegin);
  on('http.client.response.finish', onResponse);
  on('http.client.request.error', onError);
}
