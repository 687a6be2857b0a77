import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AuditRecord, parseLedgerLine } from '@vantio/schema';

/** Records of all ledger files in a directory. */
export const readLedger = (directory: string): readonly AuditRecord[] =>
  readdirSync(directory)
    .filter((name) => name.endsWith('.ndjson') && !name.endsWith('.disclosures.ndjson'))
    .flatMap((name) => readFileSync(join(directory, name), 'utf8').trimEnd().split('\n'))
    .map((line) => parseLedgerLine(line).record);
