import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export type Kernel = {
  /** Runs a command under a trace that the agent mints, by its own program; the exit status. */
  readonly run: (command: readonly string[], env: NodeJS.ProcessEnv) => Promise<number>;
  /** Stores and delivers what it has, and ends. */
  readonly end: () => Promise<number>;
};

export type KernelOptions = {
  /** The agent's program. */
  readonly program: string;
  readonly keyFile: string;
  readonly ingestUrl: string;
};

/** Names of Unix sockets are at most 107 bytes: the run's own folder may be too deep. */
const makeFolder = (): string => mkdtempSync(join(tmpdir(), 'vantio-kernel-'));

export const agentArguments = ({ keyFile, ingestUrl }: KernelOptions, folder: string): string[] => [
  'record',
  ...['--api-key-file', keyFile, '--ingest-url', ingestUrl],
  ...['--socket', join(folder, 'agent.sock'), '--control-socket', join(folder, 'control.sock')],
  ...['--spool-dir', join(folder, 'spool'), '--listen', 'off'],
  // What other programs of this machine say of themselves is none of the demo's business.
  ...['--claims', 'false'],
];

/** Starts the agent and waits until it sees. @throws {Error} in its own words if it does not. */
export async function startKernel(options: KernelOptions): Promise<Kernel> {
  const folder = makeFolder();
  const child = spawn(options.program, agentArguments(options, folder), {
    stdio: ['ignore', 'ignore', 'pipe'],
    // Out of reach of the terminal's Ctrl-C: it ends when it has delivered.
    detached: true,
  });
  const sockets = ['--socket', join(folder, 'agent.sock')];
  const ended = whenClosed(child);
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const clean = (): void => {
    process.off('exit', kill);
    rmSync(folder, { recursive: true, force: true });
  };
  const said: string[] = [];
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line.replace(/^vantio-agent: /, ''));
      if (line.includes('ready after')) resolve();
    });
    child.once('error', reject);
    void ended.then(() => reject(new Error(said.at(-1) ?? 'it said nothing')));
  }).catch((error: unknown) => {
    clean();
    throw error;
  });
  return {
    run: (command, env) =>
      whenClosed(
        spawn(options.program, ['run', ...sockets, '--', ...command], {
          stdio: ['ignore', 'inherit', 'inherit'],
          env: { ...process.env, ...env },
        }),
      ),
    async end() {
      child.kill('SIGTERM');
      const status = await ended;
      clean();
      return status;
    },
  };
}

const whenClosed = (child: ChildProcess): Promise<number> =>
  new Promise((resolve) => {
    child.once('close', (code) => resolve(code ?? -1));
  });
