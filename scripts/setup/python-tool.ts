import { existsSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { run } from '../e2e/run.ts';

export type PythonTool =
  | { readonly kind: 'installed'; readonly program: string }
  | { readonly kind: 'missing'; readonly why: string };

const missing = (why: string): PythonTool => ({ kind: 'missing', why });

/**
 * Installs `name==version` from PyPI, once for this checkout and apart from what the machine has.
 * @param program that the package brings, where it is not called like the package.
 */
export async function installPythonTool(
  requirement: string,
  program?: string,
): Promise<PythonTool> {
  const [name = requirement] = requirement.split('==');
  const folder = `.vantio/cache/${requirement.replace('==', '-')}`;
  const installed: PythonTool = {
    kind: 'installed',
    program: resolve(folder, 'bin', program ?? name),
  };
  if (existsSync(installed.program)) return installed;
  rmSync(folder, { recursive: true, force: true });
  try {
    const made = await run('python3', ['-m', 'venv', folder]);
    if (made.status !== 0) return missing('python3 has no venv module here');
  } catch {
    return missing('no python3 on this machine');
  }
  const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', requirement];
  const { status, stderr } = await run(`${folder}/bin/python`, args);
  if (status === 0) return installed;
  rmSync(folder, { recursive: true, force: true });
  return missing(`pip could not install ${requirement}: ${stderr.trim().split('\n').at(-1)}`);
}
