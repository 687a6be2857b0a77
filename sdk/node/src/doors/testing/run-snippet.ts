import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CLIENTS, runEnforced } from '../../enforce/testing/run-enforced.ts';
import { scratch } from '../../testing/run-agent.ts';

const ROOM = fileURLToPath(new URL('../../../', import.meta.url));

/** Runs code as a user's program, which finds the library and the packages named by their names. */
export async function runSnippet(
  code: string,
  packages: readonly string[],
  { policy, env }: { policy?: unknown; env?: Readonly<Record<string, string>> } = {},
) {
  const folder = scratch();
  const link = (name: string, to: string): void => {
    const place = join(folder, 'node_modules', name);
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(to, place);
  };
  link('@vantio/agent-sdk', ROOM);
  for (const name of packages) link(name, join(dirname(CLIENTS), 'node_modules', name));
  const file = join(folder, 'program.mjs');
  writeFileSync(file, code);
  return runEnforced(file, policy, env ? { env } : {});
}
