import { existsSync } from 'node:fs';
import { CliError } from '../cli-error.ts';
import { findPreload } from '../run/find-preload.ts';
import { type Check, check } from './check.ts';

/** Node's version and whether the SDK can be loaded into a program. */
export function* checkRuntime(): Iterable<Check> {
  const [major = 0] = process.versions.node.split('.').map(Number);
  yield major >= 22
    ? check('node', 'ok', `Node ${process.versions.node}`)
    : check(
        'node',
        'warn',
        `Node ${process.versions.node}: past its end of life, and shows less than newer ones`,
        'run your agent on Node 24',
      );
  for (const flag of ['--require', '--import'] as const) yield preload(flag);
  if (process.env.NODE_OPTIONS?.includes('register.'))
    yield check('node_options', 'ok', 'NODE_OPTIONS loads a preload into this process, too');
}

function preload(flag: '--require' | '--import'): Check {
  try {
    const target = findPreload(flag);
    return check(`preload ${flag}`, 'ok', `found (${existsSync(target) ? 'path' : 'URL'})`);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return check(
      `preload ${flag}`,
      'wrong',
      'not found',
      'install @vantio/agent-sdk beside vantio',
    );
  }
}
