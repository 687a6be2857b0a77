import { createServer as createHttp } from 'node:http';
import {
  createServer as createHttp2,
  createSecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer as createTls } from 'node:tls';
import { makeCertificate } from '../../../sdk/node/src/testing/certificate.ts';

export type Kind = 'http' | 'https' | 'http2' | 'http2-tls' | 'ws' | 'tcp' | 'tls';

export type TruthfulServer = {
  readonly url: string;
  readonly port: number;
  /** The traces that each connection was used in, by the client's port and in their order. */
  readonly used: ReadonlyMap<number, readonly string[]>;
  readonly close: () => void;
};

/** Long enough for two requests to be under way at once. */
const forAWhile = (): Promise<unknown> => sleep(60);

/**
 * A server that remembers what it was asked over which connection: the path is the digit of a trace.
 * @param patience what it waits for before it answers.
 */
export async function truthfulServer(
  kind: Kind,
  patience: () => Promise<unknown> = forAWhile,
): Promise<TruthfulServer> {
  const used = new Map<number, string[]>();
  const sockets = new Set<Socket>();
  const remember = (port: number | undefined, path: string | undefined): void => {
    const digit = path?.slice(1, 2) ?? '';
    if (port !== undefined) used.set(port, [...(used.get(port) ?? []), digit]);
  };
  const answer = async (
    request: Pick<Http2ServerRequest, 'url' | 'socket'>,
    response: Pick<Http2ServerResponse, 'end'>,
  ): Promise<void> => {
    remember(request.socket.remotePort, request.url);
    await patience();
    response.end('ok');
  };
  const bare = (socket: Socket): void => {
    socket.on('error', () => {});
    socket.once('data', (data) => {
      remember(socket.remotePort, String(data));
      socket.end('ok');
    });
  };
  const server = make(kind, answer as never, bare);
  server.on('connection', (socket: Socket) => sockets.add(socket));
  if (kind === 'ws')
    server.on('upgrade', (request: { url?: string; headers: Headers }, socket: Socket) => {
      remember(socket.remotePort, request.url);
      acceptWebSocket(request.headers['sec-websocket-key'] ?? '', socket);
    });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const scheme = kind === 'https' || kind === 'http2-tls' || kind === 'tls' ? 'https' : 'http';
  return {
    url: `${scheme}://localhost:${port}`,
    port,
    used,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

type Headers = Readonly<Record<string, string | undefined>>;

function make(kind: Kind, answer: never, bare: (socket: Socket) => void): Server {
  switch (kind) {
    case 'http':
    case 'ws':
      return createHttp(answer);
    case 'https':
      return createHttps(makeCertificate(), answer);
    case 'http2':
      return createHttp2(answer);
    case 'http2-tls':
      return createSecureServer(makeCertificate(), answer);
    case 'tcp':
      return createTcp({ allowHalfOpen: true }, bare);
    case 'tls':
      return createTls(makeCertificate(), bare);
  }
}

/** RFC 6455 section 4.2.2, and a close frame in answer to the first frame. */
async function acceptWebSocket(key: string, socket: Socket): Promise<void> {
  const { createHash } = await import('node:crypto');
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept.digest('base64')}\r\n\r\n`,
  );
  socket.once('data', () => socket.end(Buffer.from([0x88, 0x00])));
  socket.on('error', () => {});
}
