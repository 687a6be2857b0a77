import { createServer } from 'node:http';
import { createServer as createHttp2, createSecureServer } from 'node:http2';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer as createNet, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
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

function talk(socket: Socket): void {
  socket.on('error', () => undefined);
  socket.resume();
  socket.on('end', () => socket.end(ANSWER));
}

/** One server for each way to talk; `closed` is a port that nobody listens at. */
export async function startTargets(tls: { readonly key: string; readonly cert: string }) {
  const servers: Record<string, Server> = {
    http: createServer((request, response) => answer(request, response)),
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
