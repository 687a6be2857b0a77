import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CLIENTS } from '../../enforce/testing/run-enforced.ts';
import { scratch } from '../../testing/run-agent.ts';

const ROOM = fileURLToPath(new URL('../../../', import.meta.url));

/** A folder for a user's program, in which the library and the packages named are found by their names. */
export function programFolder(packages: readonly string[]): string {
  const folder = scratch();
  const link = (name: string, to: string): void => {
    const place = join(folder, 'node_modules', name);
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(to, place);
  };
  link('@vantio/agent-sdk', ROOM);
  for (const name of packages) link(name, join(dirname(CLIENTS), 'node_modules', name));
  return folder;
}
