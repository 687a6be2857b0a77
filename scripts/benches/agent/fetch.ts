import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { percentile } from '../load.ts';
import { printRow } from '../row.ts';
import { agent } from './watchers.ts';

const HERE = import.meta.dirname;
const ROUNDS = 31;
const WARM_UPS = 8;
/** Fewer than one flush takes. */
const CALLS = 200;
const LIMIT_US = 20;

/** Microseconds of a call. */
type Cost = { readonly wall: number; readonly cpu: number };

type Program = { readonly ask: (question: string) => Promise<string>; readonly end: () => void };

/** A program that answers a line with a line, and says one when it is ready. */
async function program(file: string, args: readonly string[], env: NodeJS.ProcessEnv) {
  const child: ChildProcessWithoutNullStreams = spawn(
    process.execPath,
    [join(HERE, file), ...args],
    {
      env: { PATH: process.env.PATH, ...env },
    },
  );
  child.stderr.pipe(process.stderr);
  const gone = new Promise<never>((_, reject) => {
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code}`)));
  });
  gone.catch(() => {});
  const line = (): Promise<string> =>
    new Promise((resolve) => child.stdout.once('data', (text) => resolve(String(text).trim())));
  const next = (): Promise<string> => Promise.race([line(), gone]);
  const said = await next();
  const ask = (question: string): Promise<string> => {
    child.stdin.write(`${question}\n`);
    return next();
  };
  return { said, ask, end: () => child.kill() } satisfies Program & { said: string };
}

/** What it costs a program that its SDK says each use of its connections to an agent, in turns with one whose SDK does not. */
export async function measureFetch(scratch: string, path: string, apiKey: string): Promise<void> {
  const folder = join(scratch, 'fetch');
  mkdirSync(folder, { recursive: true });
  const watcher = await agent(folder, path, apiKey, false);
  const server = await program('../sdk/server.mjs', [], {});
  const url = `http://127.0.0.1:${server.said}/`;
  const caller = (name: string, socket: string) =>
    program('caller.mjs', [url], {
      VANTIO_API_KEY: apiKey,
      VANTIO_OUTPUT_FILE: join(folder, `${name}.ndjson`),
      VANTIO_AGENT_SOCKET: socket,
    });
  const off = await caller('off', 'off');
  const told = await caller('told', join(folder, 'agent.sock'));
  const costs: { readonly off: Cost; readonly told: Cost }[] = [];
  try {
    for (let round = -WARM_UPS; round < ROUNDS; round++) {
      const one = async ({ ask }: Program) => JSON.parse(await ask(`${CALLS}`)) as Cost;
      const pair = { off: await one(off), told: await one(told) };
      if (round >= 0) costs.push(pair);
    }
  } finally {
    for (const one of [off, told, server]) one.end();
    await watcher.end();
  }
  const micros = (of: (pair: (typeof costs)[number]) => number): number =>
    percentile(costs.map(of), 0.5);
  const more = micros(({ off, told }) => told.cpu - off.cpu);
  const wall = micros(({ off, told }) => told.wall - off.wall);
  printRow({
    what: `fetch on a connection that is kept, each in a span of its own: CPU of telling the agent, median of ${ROUNDS}`,
    measured: `${more.toFixed(1)} µs`,
    against: `the call without ${micros(({ off }) => off.cpu).toFixed(1)} µs; wall ${wall.toFixed(1)} µs more`,
    target: `≤ ${LIMIT_US} µs`,
    met: more <= LIMIT_US,
  });
}
