import { createServer, type RequestListener } from 'node:http';
import { createServer as createHttp2 } from 'node:http2';
import { type AddressInfo, createServer as createNet, type Server, type Socket } from 'node:net';

export type Small = { readonly port: number; connections: number; requests: number };

/** An HTTP server that counts. */
export const startSmall = (
  listener: RequestListener = (_, response) => void response.end('ok'),
  address = '127.0.0.1',
): Promise<Small> => {
  const server = createServer((request, response) => {
    small.requests++;
    listener(request, response);
  });
  const { small, listening } = counting(server, address);
  return listening;
};

export function startSmallHttp2(): Promise<Small> {
  const server = createHttp2((_, response) => {
    small.requests++;
    response.end('ok');
  });
  const { small, listening } = counting(server, '127.0.0.1');
  return listening;
}

export const redirectTo =
  (url: () => string): RequestListener =>
  (_, response) => {
    response.writeHead(302, { location: url() }).end();
  };

/** A proxy that opens no tunnel further than itself, and answers whatever else as an origin would. */
export function startProxy(): Promise<Small> {
  const server = createNet((socket: Socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (head) => {
      small.requests++;
      const isTunnel = head.toString('latin1').startsWith('CONNECT');
      socket.write(
        isTunnel
          ? 'HTTP/1.1 200 Connection established\r\n\r\n'
          : 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
      );
    });
  });
  const { small, listening } = counting(server, '127.0.0.1');
  return listening;
}

function counting(server: Server, address: string) {
  const small = { port: 0, connections: 0, requests: 0 };
  server.on('connection', () => {
    small.connections++;
  });
  server.unref();
  const listening = new Promise<Small>((resolve) =>
    server.listen(0, address, () =>
      resolve(Object.assign(small, { port: (server.address() as AddressInfo).port })),
    ),
  );
  return { small, listening };
}
