import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = fileURLToPath(new URL('../../../..', import.meta.url));
const FRAMEWORK = 'node_modules/@google-cloud/functions-framework/build/src/main.js';

export type Served = {
  readonly url: string;
  readonly log: () => string;
  readonly stop: () => void;
};

/**
 * Bundles made from the sources, in a folder outside of the repository, beside what `npm ci` would install from their lock
 * file and nothing else: taken from the repository's own packages, so that no registry is asked.
 */
export type InstalledBundles = {
  readonly folder: string;
  /** Serves one under the real functions framework, in a process of its own. */
  readonly serve: (name: string, environment: Readonly<Record<string, string>>) => Promise<Served>;
  readonly remove: () => void;
};

export function installBundles(): InstalledBundles {
  const top = mkdtempSync(join(tmpdir(), 'vantio-bundles-'));
  const folder = join(top, 'bundles');
  makeBundles(folder);
  const lock = JSON.parse(readFileSync(join(folder, 'ingest/package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, unknown>>;
  };
  for (const place of Object.keys(lock.packages).filter((one) => one !== '')) {
    mkdirSync(join(top, place), { recursive: true });
    const nested = join(REPOSITORY, place, 'node_modules');
    cpSync(join(REPOSITORY, place), join(top, place), {
      recursive: true,
      filter: (source) => source !== nested,
    });
  }
  const serve = async (
    name: string,
    environment: Readonly<Record<string, string>>,
  ): Promise<Served> => {
    const port = await freePort();
    const child = spawn(process.execPath, [join(top, FRAMEWORK), `--target=${name}`], {
      cwd: join(folder, name),
      env: { PATH: process.env.PATH, HOME: top, PORT: String(port), ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const stop = (): void => void child.kill('SIGKILL');
    process.once('exit', stop);
    let log = '';
    child.stderr.on('data', (chunk: Buffer) => {
      log += chunk.toString();
    });
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => {
        log += chunk.toString();
        if (log.includes(`:${port}/`)) resolve();
      });
      child.once('exit', () => reject(new Error(`${name} did not start: ${log}`)));
    });
    return { url: `http://127.0.0.1:${port}`, log: () => log, stop };
  };
  return { folder, serve, remove: () => rmSync(top, { recursive: true, force: true }) };
}

/** @returns what was printed: a line for each bundle, with its sizes. */
export function makeBundles(folder: string): string {
  const script = join(REPOSITORY, 'functions/scripts/bundle.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--out', folder], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
