import { createServer, type Socket } from 'node:net';
import { listen } from './listen.ts';

type TestContext = { after(hook: () => unknown): void };

/** A server that takes every connection and never says a word. @returns host:port. */
export async function openBlackHole(test: TestContext): Promise<string> {
  const sockets = new Set<Socket>();
  const { server, port } = await listen(
    createServer((socket) => {
      sockets.add(socket);
      socket.resume();
      socket.on('error', () => {});
    }),
  );
  test.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `127.0.0.1:${port}`;
}
