import http2, { type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { isOwned } from '../observe/socket-facts.ts';
import { defaultPort, hostFields, splitAuthority } from '../observe/target.ts';
import { withTraceparent } from '../propagate/propagate.ts';
import { isOurs } from './agents.ts';
import type { BodyGuard, Inspection, Outgoing, ResponseWatch } from './body/body-guard.ts';
import { isSigned } from './body/signed.ts';
import { guardedOr } from './guarded.ts';
import { heldBody } from './held-body.ts';
import { inForce } from './in-force.ts';
import { judgeHost } from './judge.ts';
import type { Patches } from './patches.ts';
import { refusedStream } from './refused-stream.ts';
import { watchReadable } from './watch-readable.ts';

type Anything = (this: unknown, ...args: unknown[]) => unknown;
type Headers = Record<string, unknown>;
/** As a program hands them in: from Node 24 on also as a list of names and values. */
type Given = Headers | readonly unknown[] | undefined;
type Session = ClientHttp2Session & { readonly socket: object };
type Place = { readonly host: string; readonly port: number };

/** Each request of a session is judged: the session may be another shield's, and name other authorities than its own. */
export function guardHttp2(patches: Patches, guard: BodyGuard): void {
  patches.replace(http2, 'connect', (original) => {
    const connect = original as unknown as Anything;
    return function (this: unknown, ...args: unknown[]): unknown {
      const session = Reflect.apply(connect, this, args) as Session;
      // undici's requests were judged when they were made.
      if (!isOurs() && !isUndici(session)) guardSession(session, args[0], guard);
      return session;
    } as never;
  });
}

function guardSession(session: Session, authority: unknown, guard: BodyGuard): void {
  const request = session.request as unknown as Anything;
  define(session, 'request', function (this: unknown, ...args: unknown[]): unknown {
    const send = (headers: unknown): ClientHttp2Stream =>
      Reflect.apply(request, this, [headers, ...args.slice(1)]) as ClientHttp2Stream;
    if (isOurs()) return send(args[0]);
    const given = args[0] as Given;
    const fields = fieldsOf(given);
    const place = placeOf(fields, authority);
    const error = guardedOr('judging a request', undefined, () => {
      if (!place) return undefined;
      const ruling = judgeHost(place, () => ({
        type: 'http_request',
        detail: { ...hostFields(place.host), target_port: place.port, client: 'http2' },
      }));
      return ruling.kind === 'refused' ? { error: ruling.error } : undefined;
    })?.error;
    if (error) return refusedStream(session, error);
    if (!place) return send(given);
    const carrying = Array.isArray(given) ? given : withTraceparent(fields, place.host, place.port);
    return guardStream(send, carrying, outgoingOf(fields, place), guard);
  });
}

function guardStream(
  send: (headers: unknown) => ClientHttp2Stream,
  given: Given,
  outgoing: Outgoing,
  guard: BodyGuard,
): ClientHttp2Stream {
  const awaited = inForce.awaited();
  const inspection = awaited
    ? undefined
    : (guardedOr('looking at a request', undefined, () => guard(outgoing)) as
        | Inspection
        | undefined);
  if (!awaited && !inspection) return send(given);
  if (inspection?.maxBytes === 0) {
    const stream = send(given);
    watch(stream, inspection.pass());
    return stream;
  }
  // The head leaves before the body is known: it cannot name a length that may change, unless it is signed.
  const stream = send(isSigned(outgoing) ? given : withoutLength(given));
  hold(stream, awaited, () => inspection ?? guard(outgoing));
  return stream;
}

function hold(
  stream: ClientHttp2Stream,
  awaited: Promise<void> | undefined,
  inspectionOf: () => Inspection | undefined,
): void {
  const methods = stream as unknown as Record<string, unknown>;
  const release = (): void => {
    delete methods.write;
    delete methods.end;
  };
  const own = heldBody({
    awaited,
    inspectionOf,
    refuse(error) {
      release();
      stream.destroy(error);
    },
    send(body, _, watching, done) {
      watch(stream, watching);
      release();
      stream.end(body, done);
    },
    pass(watching) {
      watch(stream, watching);
      release();
      return {
        write: (chunk, encoding, done) => stream.write(chunk, encoding as never, done),
        end: (done) => void stream.end(done),
      };
    },
    isGone: () => stream.destroyed,
  });
  define(stream, 'write', own.write);
  define(stream, 'end', (...args: unknown[]) => {
    own.end(...args);
    return stream;
  });
}

function watch(stream: ClientHttp2Stream, watching: ResponseWatch | undefined): void {
  if (!watching) return;
  stream.prependOnceListener('response', (headers) => {
    const fields = headers as unknown as Headers;
    watching.head(Number(fields[':status']), (name) =>
      fields[name] === undefined ? undefined : String(fields[name]),
    );
  });
  watchReadable(stream, watching);
}

function isUndici(session: Session): boolean {
  const symbol = Object.getOwnPropertySymbols(session).find(
    ({ description }) => description === 'socket',
  );
  const socket = symbol && (session as unknown as Record<symbol, unknown>)[symbol];
  return typeof socket === 'object' && socket !== null && isOwned(socket);
}

function placeOf(headers: Headers, authority: unknown): Place | undefined {
  const named = headers[':authority'] ?? headers.host;
  if (typeof named === 'string') {
    const { host, port } = splitAuthority(named);
    const scheme = headers[':scheme'] ?? protocolOf(authority)?.replace(':', '') ?? 'https';
    return { host: unbracketed(host), port: port ?? defaultPort(`${String(scheme)}:`) };
  }
  if (!URL.canParse(String(authority))) return undefined;
  const { hostname, port, protocol } = new URL(String(authority));
  return { host: unbracketed(hostname), port: Number(port) || defaultPort(protocol) };
}

const protocolOf = (authority: unknown): string | undefined =>
  URL.canParse(String(authority)) ? new URL(String(authority)).protocol : undefined;

const outgoingOf = (headers: Headers, place: Place): Outgoing => ({
  ...place,
  method: String(headers[':method'] ?? 'GET'),
  path: String(headers[':path'] ?? '/'),
  client: 'http2',
  header: (name) => {
    const value = headers[name] ?? headers[nameIn(headers, name) ?? ''];
    return value === undefined ? undefined : String(value);
  },
});

const nameIn = (headers: Headers, name: string): string | undefined =>
  Object.keys(headers).find((key) => key.toLowerCase() === name);

/** Of a list the first value of a name, as of an object the only one. */
function fieldsOf(given: Given): Headers {
  if (!Array.isArray(given)) return (given ?? {}) as Headers;
  const fields: Headers = {};
  for (let at = 0; at + 1 < given.length; at += 2) fields[String(given[at])] ??= given[at + 1];
  return fields;
}

function withoutLength(given: Given): Given {
  if (Array.isArray(given))
    return given.filter((_, at) => String(given[at - (at % 2)]).toLowerCase() !== 'content-length');
  const headers = (given ?? {}) as Headers;
  const name = nameIn(headers, 'content-length');
  if (name === undefined) return headers;
  const { [name]: _, ...others } = headers;
  // Node marks which headers are sensitive by a symbol, which the spread has kept.
  return others;
}

const unbracketed = (host: string): string => host.replace(/^\[|\]$/g, '');

const define = (owner: object, name: string, value: unknown): void =>
  void Object.defineProperty(owner, name, { value, writable: true, configurable: true });
