import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export type StorageServer = {
  /** For VANTIO_STORAGE_HOST. */
  readonly host: string;
  /** @returns its name. */
  readonly makeBucket: () => Promise<string>;
  readonly close: () => void;
};

const HERE = 'scripts/cloud/storage-server';
const PROGRAM = resolve('.vantio/cache/storage-server');

const go = (...args: readonly string[]) =>
  spawnSync('go', args, { cwd: HERE, encoding: 'utf8', env: { ...process.env, GOFLAGS: '' } });

/** Why there can be no such server on this machine, or false. Builds it: the first time that takes a minute. */
export function missingStorageServer(): string | false {
  if (go('version').error) return 'no server of Cloud Storage’s API: Go is not installed';
  mkdirSync('.vantio/cache', { recursive: true });
  const built = go('build', '-mod=readonly', '-o', PROGRAM, 'github.com/fsouza/fake-gcs-server');
  return built.status === 0
    ? false
    : `no server of Cloud Storage’s API: ${built.stderr.trim().split('\n').at(-1)}`;
}

/**
 * A server of Cloud Storage's JSON API that nobody here wrote, fake-gcs-server from Go's module proxy, in memory on a port of
 * loopback, for as long as this process lives.
 */
export async function startStorageServer(): Promise<StorageServer> {
  const port = await freePort();
  const host = `http://127.0.0.1:${port}`;
  const child = spawn(
    PROGRAM,
    [
      ...['-backend', 'memory', '-scheme', 'http', '-host', '127.0.0.1', '-port', String(port)],
      ...['-public-host', `127.0.0.1:${port}`, '-external-url', host, '-log-level', 'error'],
    ],
    { stdio: 'ignore' },
  );
  const close = (): void => void child.kill('SIGKILL');
  process.once('exit', close);
  for (let waited = 0; waited < 10_000; waited += 50) {
    const answer = await fetch(`${host}/storage/v1/b?project=p`).catch(() => undefined);
    if (answer?.ok) break;
    await sleep(50);
  }
  return {
    host,
    close,
    makeBucket: async () => {
      const name = `b${randomBytes(6).toString('hex')}`;
      const made = await fetch(`${host}/storage/v1/b?project=p`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name }),
      });
      if (!made.ok) throw new Error(`the bucket was not made: ${made.status}`);
      return name;
    },
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
