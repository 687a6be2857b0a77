import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The real binary. */
export const VANTIO = fileURLToPath(new URL('../../bin/vantio.js', import.meta.url));

export type Ran = {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
};

export type RunOptions = {
  readonly node?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
};

/** The environment without what a test runner, or the person who started it, put there for others. */
export function cleanEnvironment(added: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const dropped =
    /^(VANTIO_|NODE_OPTIONS$|NODE_TEST_|NODE_V8_|TRACEPARENT$|SOVEREIGN_MODE$|NO_COLOR$|LC_|LANG$)/;
  const kept = Object.entries(process.env).filter(([name]) => !dropped.test(name));
  return { ...Object.fromEntries(kept), ...added };
}

export function startVantio(
  args: readonly string[],
  { node = process.execPath, cwd, env = {} }: RunOptions = {},
): ChildProcess {
  return spawn(node, [VANTIO, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: cleanEnvironment(env),
    ...(cwd === undefined ? {} : { cwd }),
  });
}

export const runVantio = (args: readonly string[], options: RunOptions = {}): Promise<Ran> =>
  endOf(startVantio(args, options));

/** Waits for a process and gathers what it says. */
export function endOf(child: ChildProcess): Promise<Ran> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
}
