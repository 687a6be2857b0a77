import { readFileSync } from 'node:fs';
import { ApiKeyError, readApiKey } from '@vantio/schema';
import { OptionError } from './options.ts';

/**
 * The API key of a throw-away tenant. What a probe inserts can never be taken out again, so a tenant that anybody relies
 * on is refused.
 * @throws {OptionError} naming the file, never the key.
 */
export function readProbeKey(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new OptionError(`--key-file: ${file} cannot be read (${code})`);
  }
  const keys = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const [apiKey] = keys;
  if (apiKey === undefined || keys.length > 1)
    throw new OptionError(`--key-file: ${file} must hold one API key`);
  try {
    const { tenantId } = readApiKey(apiKey);
    if (!tenantId.startsWith('probe'))
      throw new OptionError(
        `--key-file: the key in ${file} is of tenant ${tenantId}; make one for a tenant whose name begins with "probe"`,
      );
  } catch (error) {
    if (error instanceof ApiKeyError)
      throw new OptionError(`--key-file: ${file}: ${error.message}`);
    throw error;
  }
  return apiKey;
}
