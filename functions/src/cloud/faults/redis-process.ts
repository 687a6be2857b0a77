import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A Redis of a test's own, on one port through all its lives. */
export type RedisProcess = {
  readonly url: string;
  readonly start: () => Promise<void>;
  /** SIGKILL; resolves when it is gone. */
  readonly kill: () => Promise<void>;
};

export async function createRedisProcess(): Promise<RedisProcess> {
  const port = await freePort();
  let kill = async (): Promise<void> => {};
  return {
    url: `redis://127.0.0.1:${port}`,
    start: async () => {
      const options = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
      const child = spawn('redis-server', ['--port', String(port), ...options], {
        stdio: 'ignore',
      });
      const gone = once(child, 'exit');
      kill = async () => {
        child.kill('SIGKILL');
        await gone;
      };
      while (!(await takesConnections(port))) await sleep(20);
    },
    kill: () => kill(),
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const takesConnections = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
