import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import { readApiKey } from '@vantio/schema/api-key';

/**
 * Why the SDK will record nothing in this environment, or undefined. A program without a line of ours calls nothing that
 * would say so.
 */
export function whyUnrecorded(environment: NodeJS.ProcessEnv): string | undefined {
  return keyFault(environment.VANTIO_API_KEY) ?? destinationFault(environment);
}

function keyFault(apiKey: string | undefined): string | undefined {
  if (!apiKey) return 'VANTIO_API_KEY is not set; name a key with --key-file';
  try {
    readApiKey(apiKey);
    return undefined;
  } catch {
    return 'VANTIO_API_KEY is not an API key; vantio keys create makes one';
  }
}

function destinationFault({
  VANTIO_OUTPUT_FILE: file,
  VANTIO_INGEST_URL: url,
  SOVEREIGN_MODE: mode,
}: NodeJS.ProcessEnv): string | undefined {
  if (file)
    return canWriteIn(dirname(file))
      ? undefined
      : 'the folder of the output file cannot be written';
  if (mode && mode !== 'local' && mode !== 'cloud')
    return 'SOVEREIGN_MODE is neither local nor cloud';
  if (!url) return mode === 'cloud' ? 'SOVEREIGN_MODE=cloud needs VANTIO_INGEST_URL' : undefined;
  return isHttpUrl(url) ? undefined : 'VANTIO_INGEST_URL is not an http or https URL';
}

export const isHttpUrl = (text: string): boolean =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

export function canWriteIn(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
