import type { IngestDoor } from '@vantio/functions/cloud';
import { readApiKey } from '@vantio/schema/api-key';
import { CliError } from '../cli-error.ts';
import { readKeyFiles } from '../ledger/read-key-files.ts';

export type DoorOptions = { readonly keyFile?: string; readonly ingestUrl?: string };

/**
 * Where the control plane's own records go, and its key.
 * @returns undefined when neither was named.
 * @throws {CliError}
 */
export function readIngestDoor({ keyFile, ingestUrl }: DoorOptions): IngestDoor | undefined {
  if (keyFile === undefined && ingestUrl === undefined) return undefined;
  if (keyFile === undefined || ingestUrl === undefined)
    throw new CliError('--key-file and --ingest-url are given together or not at all.');
  const [controlKey = '', ...others] = readKeyFiles([keyFile]);
  if (others.length > 0 || readApiKey(controlKey).plan !== 'control')
    throw new CliError(
      `${keyFile} wants one API key of plan control: only the control plane records this.`,
    );
  if (!URL.canParse(ingestUrl) || !/^https?:/.test(ingestUrl))
    throw new CliError('--ingest-url wants an address such as https://vantio.example.com.');
  return { controlKey, ingestUrl };
}
