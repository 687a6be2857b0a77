import { CliError } from '../cli-error.ts';

type LocalControlPlane = typeof import('@vantio/functions/local');

/**
 * Loads the control plane when a command needs it, so that no other command pays for it, nor fails where it is not
 * installed.
 * @throws {CliError}
 */
export const loadControlPlane = (): Promise<LocalControlPlane> =>
  loadInstalled(() => import('@vantio/functions/local'));

/** Loads a module that needs the package of the control plane. @throws {CliError} */
export async function loadInstalled<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new CliError(
      'the control plane @vantio/functions is not installed or not built; in a checkout: npm ci, then npm run build.',
    );
  }
}

export const DEFAULT_STATE_DIR = '.vantio';

export const stateDirOf = ({ stateDir }: { readonly stateDir?: string }): string =>
  stateDir ?? (process.env.VANTIO_STATE_DIR || DEFAULT_STATE_DIR);

/** Its errors carry a code and say what to do; anything else is a fault of ours and keeps its stack. */
export function told(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || error instanceof CliError) return error;
  if (error.code === 'EADDRINUSE')
    return new CliError('that port is taken; choose another with --port, or --port 0 for any.');
  if (error.code === 'ENOTFOUND' || error.code === 'EADDRNOTAVAIL')
    return new CliError(
      '--host is no address of this machine; leave it out for 127.0.0.1, or give 0.0.0.0 for all of them.',
    );
  if (error.code === 'ENOTDIR' && 'path' in error)
    return new CliError(`${error.path} is below a file; name a directory of the control plane.`);
  const message = error.message.endsWith('.') ? error.message : `${error.message}.`;
  return typeof error.code === 'string' && !error.code.startsWith('ERR_')
    ? new CliError(message)
    : error;
}
