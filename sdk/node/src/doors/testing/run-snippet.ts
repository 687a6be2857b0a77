import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runEnforced } from '../../enforce/testing/run-enforced.ts';
import { programFolder } from './program-folder.ts';

type Options = { readonly policy?: unknown; readonly env?: Readonly<Record<string, string>> };

/** Runs code as a user's program. */
export async function runSnippet(
  code: string,
  packages: readonly string[],
  { policy, env = {} }: Options = {},
) {
  const file = join(programFolder(packages), 'program.mjs');
  writeFileSync(file, code);
  return runEnforced(file, policy, { env });
}
