import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { listen } from './listen.ts';

export type LogLine = Readonly<Record<string, unknown>> & { readonly message: string };

/** A function in a process of its own, started by the functions framework's own command as Cloud Run does. */
export type Instance = {
  readonly url: string;
  /** What it wrote on standard output as JSON. */
  readonly log: readonly LogLine[];
  /** Resolves when it has written a line with this message; rejects when it ends before. */
  readonly says: (message: string) => Promise<void>;
  /** All that it wrote, on both streams. */
  readonly output: () => string;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Resolves with its exit code; null: a signal ended it. */
  readonly exited: Promise<number | null>;
};

type TestContext = { after(hook: () => unknown): void };

const FRAMEWORK = join(
  dirname(createRequire(import.meta.url).resolve('@google-cloud/functions-framework')),
  'main.js',
);

export async function startInstance(
  test: TestContext,
  name: 'config' | 'ingest' | 'writer',
  environment: Readonly<Record<string, string>>,
): Promise<Instance> {
  const { port, server } = await listen(createServer());
  server.close();
  await once(server, 'close');
  const entry = fileURLToPath(new URL(`../entries/${name}.js`, import.meta.url));
  const child = spawn(
    process.execPath,
    [FRAMEWORK, `--source=${entry}`, `--target=${name}`, `--port=${port}`],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH ?? '',
        FUNCTION_TARGET: name,
        K_SERVICE: `vantio-${name}`,
        K_REVISION: `vantio-${name}-00001`,
        GOOGLE_CLOUD_PROJECT: 'vantio-local',
        ...environment,
      },
    },
  );
  test.after(() => child.kill('SIGKILL'));
  const exited = once(child, 'close').then(([code]) => code as number | null);
  const log: LogLine[] = [];
  const lines = new EventEmitter();
  let output = '';
  const serving = new Promise<void>((resolve) => {
    createInterface(child.stdout).on('line', (line) => {
      output += `${line}\n`;
      if (line.startsWith('URL: ')) resolve();
      if (!line.startsWith('{')) return;
      const entry = JSON.parse(line) as LogLine;
      log.push(entry);
      lines.emit(entry.message);
    });
  });
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const died = exited.then(() => {
    throw new Error(`${name} did not start: ${output}`);
  });
  await Promise.race([serving, died]);
  died.catch(() => {});
  return {
    url: `http://127.0.0.1:${port}`,
    log,
    says: async (message) => {
      const ended = new AbortController();
      exited.then(() => ended.abort(new Error(`it ended: ${output}`)));
      await once(lines, message, { signal: ended.signal });
    },
    output: () => output,
    kill: (signal) => void child.kill(signal),
    exited,
  };
}
