import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CanonicalValue,
  canonicalize,
  type Disclosure,
  type SealedRecord,
} from '@vantio/schema';
import {
  API_KEY,
  agentName,
  ledgerLines,
  OTHER_KEY,
  sampleSession,
} from '@vantio/schema/vectors/sample-session';

export { API_KEY, OTHER_KEY };

export type SampleLedger = {
  readonly file: string;
  readonly keyFile: string;
  readonly lines: readonly string[];
  readonly sealed: readonly SealedRecord[];
};

/** One session of seven records, certified by no root, with its disclosure beside it, and its key file. */
export function sampleLedger(directory: string, name = 'ledger.ndjson'): SampleLedger {
  const sealed = sampleSession();
  const lines = ledgerLines(sealed.map((one) => ({ sealed: one, apiKey: API_KEY })));
  const file = join(directory, name);
  writeFileSync(file, `${lines.join('\n')}\n`);
  const keyFile = join(directory, 'agent.key');
  writeFileSync(keyFile, `# the sample's key\n${API_KEY}\n`, { mode: 0o600 });
  return { file, keyFile, lines, sealed };
}

/** The line of a disclosures file for a record of the sample. */
export const disclosureLine = (
  { record }: SealedRecord,
  disclosure: Disclosure = agentName,
): string =>
  canonicalize({
    event_id: record.event_id,
    tenant_id: record.tenant_id,
    ...disclosure,
  } as CanonicalValue);

export const writeDisclosures = (ledgerFile: string, lines: readonly string[]): void =>
  writeFileSync(
    ledgerFile.replace(/\.ndjson$/, '.disclosures.ndjson'),
    lines.map((line) => `${line}\n`).join(''),
  );
