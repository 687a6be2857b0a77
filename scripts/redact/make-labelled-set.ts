import { writeFileSync } from 'node:fs';
import { labelledSet } from './labelled-set.ts';
import { formatLabelled } from './labelled-text.ts';

/** What sdk/vectors/redact/labelled.ndjson holds; a test makes it anew. */
export function labelledFile(): string {
  return `${labelledSet().map(formatLabelled).join('\n')}\n`;
}

if (import.meta.main) writeFileSync('sdk/vectors/redact/labelled.ndjson', labelledFile());
