import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { CliError } from '../cli-error.ts';
import type { PreloadFlag } from './node-options.ts';

/**
 * What NODE_OPTIONS must name to load the SDK before a program: a path for --require, a URL for --import.
 * @throws {CliError} when the SDK is not installed.
 */
export function findPreload(flag: PreloadFlag): string {
  const file = flag === '--require' ? 'register.cjs' : 'register.mjs';
  const path = installedPath(file);
  if (path === undefined || !existsSync(path))
    throw new CliError(
      `the preload ${file} of @vantio/agent-sdk is missing; install @vantio/agent-sdk beside vantio (in a checkout: npm run build).`,
    );
  return flag === '--require' ? path : pathToFileURL(path).href;
}

function installedPath(file: string): string | undefined {
  try {
    return fileURLToPath(new URL(`./${file}`, import.meta.resolve('@vantio/agent-sdk')));
  } catch {
    return undefined;
  }
}
