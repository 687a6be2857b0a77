import { type ChildProcess, spawn } from 'node:child_process';

type StartOptions = {
  readonly env?: NodeJS.ProcessEnv;
  /** Out of reach of the terminal's Ctrl-C: a server that gets it and our SIGTERM, too, ends without its last record. */
  readonly detached?: boolean;
};

export type Ended = { readonly status: number; readonly stdout: string };

const VANTIO = 'sdk/cli/bin/vantio.js';

/** What a user would type for the same command. */
export function asTyped(args: readonly string[]): string {
  return ['npx vantio', ...args].join(' ');
}

/** Every process that this run started and that has not ended; all of them end with it. */
export function createProcesses() {
  const running = new Set<ChildProcess>();

  function startNode(
    args: readonly string[],
    stdout: 'pipe' | 'inherit',
    { env = {}, detached = false }: StartOptions = {},
  ): ChildProcess {
    const child = spawn(process.execPath, [...args], {
      stdio: ['ignore', stdout, 'inherit'],
      env: { ...process.env, ...env },
      detached,
    });
    running.add(child);
    child.once('close', () => running.delete(child));
    return child;
  }

  const start = (
    args: readonly string[],
    stdout: 'pipe' | 'inherit',
    options?: StartOptions,
  ): ChildProcess => startNode([VANTIO, ...args], stdout, options);

  /** A server of the repository's own, whose first line says where it is. */
  const startScript = (args: readonly string[]): ChildProcess =>
    startNode(args, 'pipe', { detached: true });

  /** Runs a command of the CLI to its end. With `pipe` its standard output is returned. */
  function run(
    args: readonly string[],
    stdout: 'pipe' | 'inherit',
    env: NodeJS.ProcessEnv = {},
  ): Promise<Ended> {
    return new Promise((resolve, reject) => {
      const child = start(args, stdout, { env });
      let text = '';
      child.stdout?.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      child.once('error', reject);
      child.once('close', (code) => resolve({ status: code ?? -1, stdout: text }));
    });
  }

  /** Asks `child` to end and waits; after ten seconds it is made to. */
  async function stop(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    child.kill('SIGTERM');
    const patience = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await closed;
    clearTimeout(patience);
  }

  return {
    start,
    startScript,
    run,
    stop,
    stopAll: async (): Promise<void> => {
      await Promise.all([...running].map(stop));
    },
    /** For an exit that leaves no time to wait. */
    killAll: (): void => {
      for (const child of running) child.kill('SIGKILL');
    },
  };
}

export type Processes = ReturnType<typeof createProcesses>;
