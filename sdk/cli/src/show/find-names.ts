import type { AuditRecord, CommittedField } from '@vantio/schema';
import { COMMITTED_FIELDS } from '@vantio/schema/committed-fields';
import { MAX_DISCLOSURE_BYTES, parseDisclosureLine } from '@vantio/schema/disclosure-line';
import { valueName } from '@vantio/schema/erasure-of';
import type { LedgerFile } from '../ledger/ledger-family.ts';
import { readLines } from '../ledger/read-lines.ts';

/** The disclosed value of a record's committed field, else the first digits of the commitment, and that it was erased if it was. */
export type NameOf = (record: AuditRecord, field: CommittedField) => string | undefined;

const MAX_NAME = 120;

/** Looks the names of the records up in the disclosures of the ledger; a value that does not open its commitment is none. */
export function findNames(
  files: readonly LedgerFile[],
  records: Iterable<AuditRecord>,
  erased: ReadonlySet<string> = new Set(),
): NameOf {
  const wanted = new Map<string, string>();
  for (const record of records)
    for (const field of COMMITTED_FIELDS) {
      const commit = record[`${field}_commit`];
      if (commit !== undefined) wanted.set(`${record.event_id} ${field}`, commit);
    }
  const names = new Map<string, string>();
  if (wanted.size > 0)
    for (const { disclosures } of files)
      if (disclosures !== undefined) readNames(disclosures, wanted, names);
  return (record, field) => {
    const commit = record[`${field}_commit`];
    const key = `${record.event_id} ${field}`;
    return (
      commit &&
      (names.get(key) ??
        `#${commit.slice(0, 8)}${erased.has(valueName(record.tenant_id, record.event_id, field)) ? ' (erased)' : ''}`)
    );
  };
}

function readNames(
  path: string,
  wanted: ReadonlyMap<string, string>,
  names: Map<string, string>,
): void {
  for (const line of readLines(path, { maxBytes: MAX_DISCLOSURE_BYTES })) {
    if (line.kind !== 'text') continue;
    try {
      const { eventId, field, value, commit } = parseDisclosureLine(line.text);
      const key = `${eventId} ${field}`;
      if (wanted.get(key) === commit) names.set(key, shorten(value));
    } catch {
      // A broken line names nothing here; `verify` is what reports it.
    }
  }
}

const shorten = (name: string): string =>
  name.length <= MAX_NAME ? name : `${name.slice(0, MAX_NAME).toWellFormed()}…`;
