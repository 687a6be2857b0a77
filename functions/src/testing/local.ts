import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IngestAnswer } from '@vantio/schema/wire/ingest-answer';
import type { Problem } from '@vantio/schema/wire/problem';
import { createKey, type LocalOptions, type LocalServer, startLocal } from '../local/main.ts';

/** A directory with a control plane in it, which may be stopped and started again. */
export type House = {
  readonly directory: string;
  readonly stateDir: string;
  readonly ledger: string;
  readonly log: readonly string[];
  readonly start: (options?: Partial<LocalOptions>) => Promise<LocalServer>;
  readonly key: (tenantId?: string, plan?: Parameters<typeof createKey>[1]['plan']) => string;
  readonly controlKey: () => string;
};

type TestContext = { after(hook: () => unknown): void };

/** Everything it starts ends with the test. */
export function createHouse(test: TestContext, parent = tmpdir()): House {
  const directory = mkdtempSync(join(parent, 'vantio-functions-'));
  const stateDir = join(directory, 'state');
  const ledger = join(directory, 'audit.ndjson');
  const log: string[] = [];
  const servers: LocalServer[] = [];
  test.after(async () => {
    for (const server of servers) await server.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    directory,
    stateDir,
    ledger,
    log,
    start: async (options = {}) => {
      const server = await startLocal({
        outputFile: ledger,
        stateDir,
        port: 0,
        rateLimit: 1_000_000,
        appendOnly: false,
        log: (message, error) =>
          log.push(error instanceof Error ? `${message}: ${error}` : message),
        ...options,
      });
      servers.push(server);
      return server;
    },
    key: (tenantId = 'acme', plan = 'local') => createKey(stateDir, { tenantId, plan }),
    controlKey: () => readFileSync(join(stateDir, 'control.key'), 'utf8').trim(),
  };
}

export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly body: IngestAnswer & Problem;
};

export async function post(
  url: string,
  apiKey: string | undefined,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await fetch(`${url}/api/v1/ingest`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-ndjson',
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      ...headers,
    },
    body: body as string,
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text) };
}

/** The real server in a process of its own. */
export async function spawnServer(options: readonly string[]) {
  const script = new URL('../local/serve.js', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, '--no-append-only', ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  const exited = once(child, 'exit');
  const [url] = (await Promise.race([
    once(child.stdout, 'data'),
    exited.then(() => Promise.reject(new Error(`the server did not start: ${complaints}`))),
  ])) as [Buffer];
  return {
    url: url.toString().trim(),
    kill: async (signal: NodeJS.Signals): Promise<void> => {
      child.kill(signal);
      await exited;
    },
    complaints: () => complaints,
  };
}

export const statuses = ({ body }: Answer): readonly string[] =>
  body.events.map(({ status }) => status);
