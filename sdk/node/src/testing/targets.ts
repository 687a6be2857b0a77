import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createHttp2, createSecureServer } from 'node:http2';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer as createNet, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { createServer as createTls } from 'node:tls';
import { scratch } from './run-agent.ts';

/** What every target answers. */
export const ANSWER = 'an answer of thirty-one bytes..';

type Asking = { resume(): unknown; on(event: 'end', heard: () => void): unknown };
type Answering = {
  writeHead(status: number, headers: Record<string, string | number>): unknown;
  end(text: string): unknown;
};

function answer(request: Asking, response: Answering): void {
  request.resume();
  request.on('end', () => {
    response.writeHead(200, { 'content-length': ANSWER.length });
    response.end(ANSWER);
  });
}

/** Answers a WebSocket's opening handshake (RFC 6455 section 4.2.2), and whatever comes then by closing. */
function upgrade(request: IncomingMessage, socket: Duplex): void {
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');
  socket.on('error', () => undefined);
  if (request.url === '/refused') {
    socket.end(`HTTP/1.1 403 Forbidden\r\ncontent-length: ${ANSWER.length}\r\n\r\n${ANSWER}`);
    return;
  }
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
  );
  socket.once('data', () => socket.end(Buffer.from('880203e8', 'hex')));
}

function talk(socket: Socket): void {
  socket.on('error', () => undefined);
  socket.resume();
  socket.on('end', () => socket.end(ANSWER));
}

/** One server for each way to talk; `closed` is a port that nobody listens at. */
export async function startTargets(tls: { readonly key: string; readonly cert: string }) {
  const servers: Record<string, Server> = {
    http: createServer((request, response) => answer(request, response)).on('upgrade', upgrade),
    https: createHttps(tls, (request, response) => answer(request, response)),
    http2: createHttp2((request, response) => answer(request, response)),
    http2s: createSecureServer(tls, (request, response) => answer(request, response)),
    echo: createNet({ allowHalfOpen: true }, talk),
    tls: createTls({ ...tls, allowHalfOpen: true }, talk),
  };
  const ports: Record<string, number> = {};
  for (const [name, server] of Object.entries(servers)) ports[name] = await listen(server);
  const unix = join(scratch(), 'socket');
  const unixServer = createNet({ allowHalfOpen: true }, talk);
  await new Promise<void>((resolve) => unixServer.listen(unix, resolve));
  unixServer.unref();
  const closing = createNet();
  const closed = await listen(closing);
  await new Promise((resolve) => closing.close(resolve));
  return { ...ports, closed, unix } as Readonly<Record<string, number | string>>;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return (server.address() as AddressInfo).port;
}
