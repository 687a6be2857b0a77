import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';

/** A port in front of another, which can be cut off as if what is behind it had died, and come back. */
export type SeveredPort = {
  readonly port: number;
  /** Ends every connection, and refuses new ones. */
  readonly cut: () => void;
  readonly restore: () => Promise<void>;
  readonly close: () => void;
};

export async function startSeveredPort(upstreamPort: number): Promise<SeveredPort> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const upstream = createConnection(upstreamPort, '127.0.0.1');
    for (const [one, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one
        .on('error', () => {})
        .once('close', () => {
          sockets.delete(one);
          other.destroy();
        });
    }
  });
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const cut = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port, cut, restore: () => listen(port), close: cut };
}
