import { readFileSync, statSync } from 'node:fs';
import { ApiKeyError, readApiKey } from '@vantio/schema/api-key';
import { CliError, systemCode } from '../cli-error.ts';

const MAX_BYTES = 1 << 20;

/**
 * API keys from the files a user named: one a line, `#` starts a comment.
 * @throws {CliError} naming file and line, never the key.
 */
export const readKeyFiles = (files: readonly string[]): string[] => [
  ...new Set(files.flatMap(readKeyFile)),
];

function readKeyFile(file: string): string[] {
  const keys: string[] = [];
  for (const [index, line] of readText(file).split(/\r?\n/).entries()) {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) continue;
    keys.push(requireKey(text, `${file}:${index + 1}`));
  }
  if (keys.length === 0)
    throw new CliError(
      `${file} holds no API key; make one with: vantio keys create --tenant NAME --out ${file}`,
    );
  return keys;
}

function requireKey(text: string, where: string): string {
  if (text.startsWith('-----BEGIN'))
    throw new CliError(`${where} is a PEM key; --key-file wants API keys (vk1.…), one a line.`);
  try {
    readApiKey(text);
  } catch (error) {
    if (error instanceof ApiKeyError) throw new CliError(`${where}: ${error.message}.`);
    throw error;
  }
  return text;
}

function readText(file: string): string {
  try {
    if (statSync(file).size > MAX_BYTES)
      throw new CliError(`${file} is over 1 MiB; that is no key file.`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(
      `key file ${file} cannot be read (${systemCode(error)}); check the path and its rights.`,
    );
  }
}
