import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { scratch } from './run-agent.ts';

export type Said = Readonly<Record<string, unknown>>;

export type StandIn = {
  /** What VANTIO_AGENT_SOCKET is to name. */
  readonly path: string;
  readonly said: readonly Said[];
  /** By the number of its connection, from 0. */
  readonly connections: () => number;
  readonly close: () => Promise<void>;
};

type Options = {
  readonly path?: string;
  /** What is answered to a message; undefined: nothing. */
  readonly answer?: (message: Said) => string | undefined;
  /** False: what is sent is never read. */
  readonly reads?: boolean;
};

/** A socket that takes the part of the machine's agent, and may take it badly. */
export async function startStandIn({
  path = join(scratch(), 'agent.sock'),
  answer = () => '{"ok":true}\n',
  reads = true,
}: Options = {}): Promise<StandIn> {
  const said: Said[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server: Server = createServer((socket) => {
    connections++;
    sockets.add(socket);
    socket.on('error', () => {});
    if (!reads) {
      socket.pause();
      return;
    }
    let rest = '';
    socket.on('data', (part) => {
      const lines = (rest + String(part)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const message = JSON.parse(line) as Said;
        said.push(message);
        const text = answer(message);
        if (text !== undefined) socket.write(text);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(`${path}.stream`, resolve));
  return {
    path,
    said,
    connections: () => connections,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
