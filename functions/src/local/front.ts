import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WIRE_LIMITS } from '@vantio/schema/wire/limits';
import type { ProblemCode } from '@vantio/schema/wire/problem';
import { type Doorkeeper, isRefusal } from '../door/doorkeeper.ts';
import { type Refusal, refuse, sendRefusal } from '../door/problem-response.ts';
import { overloaded, turnAway } from '../door/turn-away.ts';
import { inflate } from './inflate.ts';
import { createBodyBudget, declaredTooLarge, readBody, tooLarge } from './read-body.ts';
import type { Route } from './routes.ts';

export type FrontOptions = {
  readonly routes: ReadonlyMap<string, Route>;
  readonly doorkeeper: Doorkeeper;
  readonly onFault: (message: string, error: unknown) => void;
};

const HEADERS_MILLIS = 10_000;
const REQUEST_MILLIS = 30_000;
const KEEP_ALIVE_MILLIS = 65_000;
const CHECK_MILLIS = 2_000;
const MAX_CONNECTIONS = 2048;
/** Bodies held in memory at one time, all requests together. */
const MAX_HELD_BYTES = 256 * 1024 * 1024;

/**
 * The HTTP server that stands in front of the functions framework, which reads and inflates whole bodies of up to 1 GiB
 * before a handler runs. Here every body is bounded first: declared size, key, bytes on the wire, inflated bytes. What
 * passes is handed on as `rawBody`, with the stream read to its end, so that the framework parses nothing.
 */
export function createFront({ routes, doorkeeper, onFault }: FrontOptions): Server {
  const reserve = createBodyBudget(MAX_HELD_BYTES);

  const admit = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const route = routeOf(routes, pathOf(request));
    const refusal = routeRefusal(route, request);
    if (refusal || !route) return turnAway(request, response, refusal ?? notFound());
    if (route.method === 'GET') {
      request.resume();
      return route.listener(request, response);
    }
    // size → key → revocation: all before a byte of the body is read. The handler asks again, from memory.
    if (declaredTooLarge(request)) return turnAway(request, response, tooLarge());
    const caller = doorkeeper(request.headers.authorization);
    if (isRefusal(caller)) return turnAway(request, response, caller);
    const encoded = request.headers['content-encoding'] !== undefined;
    const release = reserve(
      encoded ? WIRE_LIMITS.wireBytes + WIRE_LIMITS.inflatedBytes : roomFor(request),
    );
    if (!release) return turnAway(request, response, overloaded());
    response.once('close', release);
    if (request.headers.expect !== undefined) response.writeContinue();
    const body = await readBody(request);
    if (body === undefined) return;
    if ('problem' in body) return turnAway(request, response, body);
    const inflated = await inflate(body, request.headers['content-encoding']);
    if ('problem' in inflated) return turnAway(request, response, inflated);
    (request as IncomingMessage & { rawBody?: Buffer }).rawBody = inflated;
    route.listener(request, response);
  };

  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    admit(request, response).catch((error: unknown) => {
      onFault('a request failed', error);
      sendRefusal(response, refuse('internal', 'the operator sees the cause'));
    });
  };

  const server = createServer(
    {
      headersTimeout: HEADERS_MILLIS,
      requestTimeout: REQUEST_MILLIS,
      keepAliveTimeout: KEEP_ALIVE_MILLIS,
      connectionsCheckingInterval: CHECK_MILLIS,
      noDelay: true,
    },
    listener,
  );
  server.maxConnections = MAX_CONNECTIONS;
  // Without this, node:http asks for the body of a request that is about to be refused.
  server.on('checkContinue', listener);
  server.on('checkExpectation', listener);
  server.on('clientError', answerClientError);
  return server;
}

const pathOf = ({ url = '' }: IncomingMessage): string => url.split('?', 1)[0] ?? '';

/** A route of its own, or that of the folder: `/api/v1/tile/` has all tiles. */
const routeOf = (routes: FrontOptions['routes'], path: string): Route | undefined =>
  routes.get(path) ?? routes.get(path.split('/').slice(0, 4).concat('').join('/'));

const roomFor = ({ headers }: IncomingMessage): number =>
  headers['content-length'] === undefined
    ? WIRE_LIMITS.wireBytes
    : Number(headers['content-length']);

const notFound = (): Refusal =>
  refuse(
    'not_found',
    'the paths are /api/v1/ingest, /api/v1/config, /api/v1/spend/leases, /api/v1/openapi.json, /healthz, and those of the log in schema/log.md',
  );

function routeRefusal(route: Route | undefined, { method }: IncomingMessage): Refusal | undefined {
  if (!route) return notFound();
  if (method === route.method || (method === 'HEAD' && route.method === 'GET')) return undefined;
  const allow = route.method === 'GET' ? 'GET, HEAD' : route.method;
  return refuse('method_not_allowed', `use ${allow}`, {}, { allow });
}

const CLIENT_ERRORS: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  HPE_HEADER_OVERFLOW: ['headers_too_large', 'the header fields are over 16 KiB'],
  ERR_HTTP_REQUEST_TIMEOUT: ['request_timeout', 'the whole request must arrive within 30 seconds'],
};

/** What node:http could not make a request of: there is a socket and no response object. */
function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
  const [code, detail] = CLIENT_ERRORS[error.code ?? ''] ?? [
    'malformed_request',
    'the bytes are not an HTTP/1.1 request',
  ];
  const { problem } = refuse(code, detail);
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${problem.status} ${problem.title}\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
