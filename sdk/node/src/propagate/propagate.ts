import type { ClientRequest } from 'node:http';
import { debug } from '../context/debug.ts';
import { env } from '../context/main-realm.ts';
import { on } from '../observe/subscribe.ts';
import { defaultPort, splitAuthority } from '../observe/target.ts';
import { type ListedHosts, readListedHosts } from './listed-hosts.ts';
import { currentTraceparent } from './trace-headers.ts';

type UndiciRequest = {
  readonly origin: string | URL;
  readonly method: string;
  readonly headers: unknown[];
  addHeader(name: string, value: string): unknown;
};

const NAME = 'traceparent';
let isListed: ListedHosts | undefined;

/**
 * Sends the trace to the hosts of VANTIO_TRACEPARENT. Requests are given the header where the runtime tells of them before they
 * are written: undici's always, those of `http` from Node 22 on. Nothing is wrapped for it.
 */
export function propagate(): void {
  const list = env.VANTIO_TRACEPARENT;
  if (!list) return;
  const read = readListedHosts(list);
  for (const at of read.faults)
    debug(
      `VANTIO_TRACEPARENT: entry ${at} is neither a host, host:port, *.suffix nor *, and was ignored`,
    );
  isListed = read.isListed;
  on('undici:request:create', ({ request }: { request: UndiciRequest }) => toUndici(request));
  on('http.client.request.created', ({ request }: { request: ClientRequest }) => toHttp(request));
}

/** What the header is to be on a request to there; undefined: the request stays as it is. */
export function traceparentFor(host: string, port: number | undefined): string | undefined {
  return isListed?.(host, port) ? currentTraceparent() : undefined;
}

function toUndici(request: UndiciRequest): void {
  const { headers, method } = request;
  if (method === 'CONNECT' || !Array.isArray(headers) || isNamed(headers)) return;
  const { hostname, port, protocol } = new URL(String(request.origin));
  const value = traceparentFor(hostname, Number(port) || defaultPort(protocol));
  if (value === undefined) return;
  request.addHeader(NAME, value);
  yieldTo(request, headers);
}

const isNamed = (headers: readonly unknown[]): boolean => placeIn(headers) !== -1;
const placeIn = (headers: readonly unknown[]): number =>
  headers.findIndex((name, at) => at % 2 === 0 && String(name).toLowerCase() === NAME);

/** Another that hears of the request later, such as OpenTelemetry, has the last word: two such headers would be none. */
function yieldTo(request: UndiciRequest, headers: unknown[]): void {
  const { addHeader } = request;
  Object.defineProperty(request, 'addHeader', {
    configurable: true,
    writable: true,
    value(name: string, value: string): unknown {
      if (String(name).toLowerCase() === NAME && isNamed(headers))
        headers.splice(placeIn(headers), 2);
      return Reflect.apply(addHeader, request, [name, value]);
    },
  });
}

/** A head that was given as a list is text already, and stays as it is. */
export function toHttp(request: ClientRequest): void {
  const { method, path } = request;
  const { socketPath } = request as { readonly socketPath?: string };
  if (method === 'CONNECT' || socketPath || request.headersSent || request.hasHeader(NAME)) return;
  const value = path.startsWith('/') ? traceparentFor(...placeOf(request)) : throughProxy(path);
  if (value !== undefined) request.setHeader(NAME, value);
}

function placeOf(request: ClientRequest): [string, number | undefined] {
  const { host, protocol } = request;
  const header = request.getHeader('host');
  const named = typeof header === 'string' ? splitAuthority(header) : undefined;
  if (named === undefined || unbracketed(named.host) !== unbracketed(host))
    return [host, undefined];
  return [host, named.port ?? defaultPort(protocol)];
}

/** A proxy is asked for the whole URL. */
function throughProxy(path: string): string | undefined {
  if (!URL.canParse(path)) return undefined;
  const { hostname, port, protocol } = new URL(path);
  return traceparentFor(hostname, Number(port) || defaultPort(protocol));
}

/** Of a request over HTTP/2, which only enforcing has a hold of. */
export function withTraceparent<H extends object>(headers: H, host: string, port: number): H {
  if (isListed === undefined) return headers;
  if (Object.keys(headers).some((name) => name.toLowerCase() === NAME)) return headers;
  const value = traceparentFor(host, port);
  return value === undefined ? headers : { ...headers, [NAME]: value };
}

const unbracketed = (host: string): string => host.replace(/^\[|\]$/g, '');
