import { spawn } from 'node:child_process';

export type Ran = { readonly status: number; readonly stdout: string; readonly stderr: string };

const VANTIO = 'sdk/cli/bin/vantio.js';

/** Runs a program to its end, at the repository's root unless told otherwise: that is where tests run. */
export function run(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  cwd = '.',
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env, cwd });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      stdout += part;
    });
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      stderr += part;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ status: code ?? -1, stdout, stderr }));
  });
}

export function vantio(...args: readonly string[]): Promise<Ran> {
  return run(process.execPath, [VANTIO, ...args]);
}
