import { createHook } from 'node:async_hooks';
import type { ClientRequest } from 'node:http';
import type { ClientHttp2Stream } from 'node:http2';
import { currentSpan } from '../context/current-span.ts';
import { guard } from '../context/guard.ts';
import { thisProcess } from '../context/main-realm.ts';
import type { Span } from '../context/span.ts';
import { onBegin } from './http.ts';
import { onStream } from './http2.ts';
import { type ClientSocket, onClientSocket } from './sockets.ts';

const SOCKETS = new Set(['TCPWRAP', 'TLSWRAP', 'PIPEWRAP']);

/**
 * Node 20 has no channel for tls, for `new net.Socket().connect()` and for http2: there the birth of the native handle
 * is what can be seen without patching.
 */
export function observeNativeBirths(): void {
  createHook({
    init(_, type, __, resource) {
      // Nearly every birth is one of these three, and they must cost next to nothing.
      if (type === 'PROMISE' || type === 'TickObject' || type === 'Timeout') return;
      if (SOCKETS.has(type)) {
        const span = currentSpan();
        // The handle gets its owner right after its birth, in the same stretch of code.
        thisProcess.nextTick(guard(type, () => socketBorn(resource, span)));
      } else if (type === 'HTTPCLIENTREQUEST') {
        const { req } = resource as { readonly req?: ClientRequest };
        if (req) thisProcess.nextTick(guard(type, () => onBegin({ request: req })));
      } else if (type === 'HTTP2STREAM') {
        const span = currentSpan();
        thisProcess.nextTick(guard(type, () => streamBorn(resource, span)));
      }
    },
  }).enable();
}

function socketBorn(handle: object, span: Span | undefined): void {
  const socket = ownerOf(handle) as ClientSocket | undefined;
  // An accepted connection is never connecting.
  if (socket?.connecting === true) onClientSocket(socket, span);
}

function streamBorn(handle: object, span: Span | undefined): void {
  const stream = ownerOf(handle) as ClientHttp2Stream | undefined;
  const headers = stream?.sentHeaders as Readonly<Record<string, unknown>> | undefined;
  // A server's stream has sent no :method.
  if (stream && headers?.[':method'] !== undefined) onStream(stream, headers, span);
}

let ownerSymbol: symbol | undefined;

function ownerOf(handle: object): unknown {
  ownerSymbol ??= Object.getOwnPropertySymbols(handle).find(
    ({ description }) => description === 'owner_symbol',
  );
  return ownerSymbol && (handle as Record<symbol, unknown>)[ownerSymbol];
}
