import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { onCore } from './cores.ts';
import type { Spans } from './spans.ts';

export type FunctionOptions = {
  /** As it is registered. */
  readonly name: string;
  /** Module or folder that the framework loads, from the root of the repository. */
  readonly source: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Loads `spans.ts` first. */
  readonly timed?: boolean;
  readonly flags?: readonly string[];
};

export type FunctionProcess = {
  readonly pid: number | undefined;
  readonly url: string;
  /** What was timed since the last call. */
  readonly takeSpans: () => Promise<Spans>;
  readonly stop: () => Promise<void>;
};

const FRAMEWORK = 'node_modules/@google-cloud/functions-framework/build/src/main.js';

/** A function as the cloud runs it: the framework's own program, on one core. Resolves when it listens. */
export async function startFunction(options: FunctionOptions): Promise<FunctionProcess> {
  const { name, source, environment, timed = false, flags = [] } = options;
  const port = await freePort();
  const preload = timed ? ['--import', new URL('spans.ts', import.meta.url).href] : [];
  const [file, ...rest] = onCore('function', [
    process.execPath,
    ...preload,
    ...flags,
    FRAMEWORK,
    `--target=${name}`,
    `--source=${source}`,
  ]);
  const child = spawn(file, rest, {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: { ...process.env, ...environment, PORT: String(port) },
  });
  await listening(child, name);
  return {
    pid: child.pid,
    url: `http://127.0.0.1:${port}/`,
    takeSpans: async () => {
      child.send('take');
      const [spans] = await once(child, 'message');
      return spans as Spans;
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** The framework says its URL when it listens. Of what a function logs, what is worse than usual is shown. */
async function listening(child: ChildProcess, name: string): Promise<void> {
  const { stdout } = child;
  if (stdout === null) throw new Error('the function has no standard output');
  const lines = createInterface({ input: stdout });
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      if (line.startsWith('URL: ')) resolve();
      else if (line.startsWith('{') && !line.includes('"severity":"INFO"'))
        console.error(`  ${name}: ${line}`);
    });
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}
