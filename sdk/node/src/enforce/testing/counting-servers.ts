import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  createServer as createHttp2,
  createSecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer as createNet, type Server } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { createServer as createTls } from 'node:tls';
import { scratch } from '../../testing/run-agent.ts';
import { type Asked, answerOf } from './provider.ts';

export type ServerKind = 'http' | 'https' | 'http2' | 'http2s' | 'tls' | 'unix';
export type Counted = {
  readonly at: number | string;
  /** Connections that reached it. */
  connections: number;
  /** Requests that reached it, with their bodies. */
  readonly asked: Asked[];
};

/** A server on loopback that counts what reaches it and answers as a provider would. */
export async function startCounting(
  kind: ServerKind,
  certificate: { readonly key: string; readonly cert: string },
): Promise<Counted> {
  const asked: Asked[] = [];
  const server = makeServer(kind, certificate, asked);
  const counted: Counted = {
    at: kind === 'unix' ? join(scratch(), 'socket') : 0,
    connections: 0,
    asked,
  };
  server.on('connection', (socket) => {
    counted.connections++;
    socket.on('error', () => undefined);
  });
  server.unref();
  await new Promise<void>((resolve) => {
    if (kind === 'unix') server.listen(String(counted.at), resolve);
    else server.listen(0, '127.0.0.1', resolve);
  });
  return kind === 'unix'
    ? counted
    : Object.assign(counted, { at: (server.address() as AddressInfo).port });
}

function makeServer(
  kind: ServerKind,
  certificate: { readonly key: string; readonly cert: string },
  asked: Asked[],
): Server {
  const listener = (
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
  ): void => void answer(request, response, asked);
  if (kind === 'http')
    return createServer(listener).on('upgrade', (request, socket) => upgrade(request, socket));
  if (kind === 'https') return createHttps(certificate, listener);
  if (kind === 'http2') return createHttp2(listener);
  if (kind === 'http2s') return createSecureServer(certificate, listener);
  if (kind === 'tls') return createTls(certificate, (socket) => void socket.on('error', ignore));
  return createNet((socket) => void socket.on('error', ignore));
}

const ignore = (): void => undefined;

async function answer(
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
  asked: Asked[],
): Promise<void> {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', url = '', headers } = request;
    const question = { method, path: url, headers, body: Buffer.concat(chunks) };
    asked.push(question);
    const { type, parts } = answerOf(question);
    const [only, ...others] = parts;
    (response as ServerResponse).writeHead(200, {
      'content-type': type,
      ...(others.length === 0 && only !== undefined
        ? { 'content-length': Buffer.byteLength(only) }
        : {}),
    });
    for (const part of parts) (response as ServerResponse).write(part);
    response.end();
  } catch {
    // The client went away.
  }
}

function upgrade(request: IncomingMessage, socket: Duplex): void {
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');
  socket.on('error', ignore);
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
  );
  socket.once('data', () => socket.end(Buffer.from('880203e8', 'hex')));
}
