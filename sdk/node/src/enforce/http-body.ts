import type { ClientRequest } from 'node:http';
import type { BodyGuard, Inspection, Outgoing, ResponseWatch } from './body/body-guard.ts';
import { heldBody } from './held-body.ts';
import { watchResponse } from './http-response.ts';
import { inForce } from './in-force.ts';
import { refused } from './refused.ts';

type Anything = (...args: unknown[]) => unknown;
/** A part of ClientRequest that the types leave out: the head as text, once made and not yet sent. */
type Request = ClientRequest & { _header: string | null; readonly _headerSent?: boolean };

/**
 * Holds a request's body back until it is whole, so that it can be looked at before its first byte leaves. The methods
 * are the request's own for that while: its prototype, and requests that nobody wants to look at, stay as they are.
 */
export function guardHttpBody(
  request: ClientRequest,
  place: { readonly host: string; readonly port: number },
  guard: BodyGuard,
): void {
  const outgoing = outgoingOf(request, place);
  const awaited = inForce.awaited();
  if (awaited) {
    hold(request as Request, awaited, () => guard(outgoing));
    return;
  }
  const inspection = guard(outgoing);
  if (!inspection) return;
  if (inspection.maxBytes > 0) hold(request as Request, undefined, () => inspection);
  else take(request as Request, inspection.pass());
}

function hold(
  request: Request,
  awaited: Promise<void> | undefined,
  inspectionOf: () => Inspection | undefined,
): void {
  let wantsFlush = false;
  const methods = request as unknown as Record<string, Anything>;
  const release = (): void => {
    for (const name of ['write', 'end', 'flushHeaders']) delete methods[name];
    if (wantsFlush) request.flushHeaders();
  };
  const own = heldBody({
    awaited,
    inspectionOf,
    refuse(error) {
      release();
      refused.add(request);
      request.destroy(error);
    },
    send(body, before, watch, done) {
      take(request, watch);
      if (body.length !== before.length) setLength(request, body.length);
      release();
      request.end(body, done);
    },
    pass(watch) {
      take(request, watch);
      release();
      return {
        write: (chunk, encoding, done) => request.write(chunk as never, encoding as never, done),
        end: (done) => void request.end(done),
      };
    },
    isGone: () => request.destroyed,
  });
  define(request, 'write', own.write);
  define(request, 'end', (...args: unknown[]) => {
    own.end(...args);
    return request;
  });
  define(request, 'flushHeaders', () => {
    wantsFlush = true;
  });
}

function take(request: Request, watch: ResponseWatch | undefined): void {
  if (!watch) return;
  if (watch.restores && !request.headersSent) request.setHeader('accept-encoding', 'identity');
  watchResponse(request, watch);
}

/** A head given as a list is text already; it is changed as text as long as it has not left. */
function setLength(request: Request, length: number): void {
  if (!request.headersSent) {
    if (request.hasHeader('content-length')) request.setHeader('content-length', length);
    return;
  }
  if (request._header && !request._headerSent)
    request._header = request._header.replace(/^(content-length:) *[0-9]+\r$/im, `$1 ${length}\r`);
}

const define = (request: object, name: string, value: unknown): void =>
  void Object.defineProperty(request, name, { value, writable: true, configurable: true });

const outgoingOf = (
  request: ClientRequest,
  place: { readonly host: string; readonly port: number },
): Outgoing => ({
  ...place,
  method: request.method,
  path: request.path,
  client: request.protocol === 'https:' ? 'https' : 'http',
  header: (name) => {
    const value = request.getHeader(name);
    if (value === undefined) return undefined;
    return Array.isArray(value) ? value[0] : String(value);
  },
});
