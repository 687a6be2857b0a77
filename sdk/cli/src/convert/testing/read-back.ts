import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { endOf } from '../../testing/run-vantio.ts';

const python = process.env.VANTIO_READERS;
const folder = fileURLToPath(new URL('../../../src/convert/testing/', import.meta.url));

/** For a test's options: why it cannot run here, if it cannot. */
export const skip: string | false =
  python === undefined &&
  'no readers here: scripts/test installs them from scripts/setup/readers.txt where python3 is';

/**
 * Runs a program of this folder, which reads an export by a library that nobody here wrote.
 * @returns what it printed as JSON.
 */
export async function readBack<T>(program: string, ...args: readonly string[]): Promise<T> {
  const child = spawn(python ?? 'python3', [`${folder}${program}`, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { status, stdout, stderr } = await endOf(child);
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as T;
}
