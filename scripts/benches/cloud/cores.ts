import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Whether this machine lets itself be divided. */
const DIVIDED = process.platform === 'linux' && availableParallelism() > 1;

const FUNCTION = '0';
const OTHERS = `1-${availableParallelism() - 1}`;

/** The command, held to the first core (the function that is measured) or to all others (what stands around it). */
export const onCore = (
  whose: 'function' | 'others',
  command: readonly [string, ...string[]],
): readonly [string, ...string[]] =>
  DIVIDED ? ['taskset', '-c', whose === 'function' ? FUNCTION : OTHERS, ...command] : command;

/** Moves this process, and what it starts from now on, away from the first core. */
export function leaveFirstCore(): void {
  if (DIVIDED)
    spawnSync('taskset', ['-a', '-p', '-c', OTHERS, String(process.pid)], { stdio: 'ignore' });
}
