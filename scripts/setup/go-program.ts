import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { basename, resolve } from 'node:path';

/** Runs a program of Go's in the folder of a module. */
export const runIn = (
  folder: string,
  program: 'go' | 'gofmt',
  ...args: readonly string[]
): SpawnSyncReturns<string> =>
  spawnSync(program, args, { cwd: folder, encoding: 'utf8', env: { ...process.env, GOFLAGS: '' } });

/** Why the Go program in a folder cannot be built here; undefined if it can. */
export function missingGo(folder: string): string | undefined {
  const { error } = runIn(folder, 'go', 'version');
  if (error) return 'Go is not installed';
  const { status, stderr } = runIn(folder, 'go', 'mod', 'download');
  return status === 0 ? undefined : `its Go module cannot be had: ${stderr.trim()}`;
}

/** @returns the path of the program that the folder's module builds. */
export function buildGoProgram(folder: string): string {
  const program = resolve('.vantio/cache', basename(folder));
  mkdirSync('.vantio/cache', { recursive: true });
  const { status, stderr } = runIn(folder, 'go', 'build', '-mod=readonly', '-o', program, '.');
  if (status !== 0) throw new Error(`${folder} does not build: ${stderr}`);
  return program;
}
