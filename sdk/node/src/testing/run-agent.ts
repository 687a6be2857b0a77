import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const FIXTURES = fileURLToPath(new URL('../../fixtures/', import.meta.url));

export type Ran = {
  readonly pid: number | undefined;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
};

export type RunOptions = {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly args?: readonly string[];
  readonly nodeArgs?: readonly string[];
  /** Of Node: by default the one that runs the tests. */
  readonly execPath?: string;
  /** Closes the reading end of its stderr, and then its stdin. */
  readonly closeStderr?: boolean;
  /** Called with the process once it has written a first line. */
  readonly onReady?: (child: ChildProcess) => void;
};

/** Only what a test names: no key, proxy or trace of whoever runs the tests. */
const bareEnv = (): Record<string, string | undefined> => ({
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  TMPDIR: process.env.TMPDIR,
});

export const scratch = (): string => mkdtempSync(join(tmpdir(), 'vantio-test-'));
/** A path that is absolute stays. */
export const fixturePath = (name: string): string => resolve(FIXTURES, name);

/** Runs a fixture in a Node process of the version that runs the tests. */
export function runAgent(fixture: string, options: RunOptions = {}): Promise<Ran> {
  const { env = {}, args = [], nodeArgs = [], execPath = process.execPath, onReady } = options;
  const child = spawn(execPath, [...nodeArgs, fixturePath(fixture), ...args], {
    env: { ...bareEnv(), ...env },
  });
  if (options.closeStderr) child.stderr.once('close', () => child.stdin.end()).destroy();
  let stdout = '';
  let stderr = '';
  let ready = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (!ready && stdout.includes('\n')) {
      ready = true;
      onReady?.(child);
    }
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ pid: child.pid, code, signal, stdout, stderr }));
  });
}
