import { boundedName } from './bounded-name.ts';
import { MAX_LINE_LENGTH } from './envelope.ts';
import { EnvelopeError } from './envelope-error.ts';
import { INSTANT } from './generated/validate-record.ts';
import { readMac } from './mac-text.ts';
import { isObject, parseJson } from './read-json.ts';
import { readRecord } from './read-record.ts';
import type { AuditRecord } from './record.ts';

/** What a leaf of a tenant's log in cloud mode says: a committed row, without its key, which is the record's own. */
export type LogEntryParts = {
  /** Spanner's, to the microsecond, which is what it gives. */
  readonly commitTimestamp: string;
  /** Ingest's clock when it took the record in. */
  readonly receivedAt: string;
  /** Canonical text of the record. */
  readonly canonical: string;
  readonly mac: string;
};

export type LogEntry = LogEntryParts & { readonly record: AuditRecord };

const MEMBERS: ReadonlySet<string> = new Set([
  'commit_timestamp',
  'received_at',
  'record',
  'record_mac',
]);

/** RFC 8785 text of an entry: schema/log.md, section 1. */
export const formatLogEntry = (parts: LogEntryParts): string =>
  `{"commit_timestamp":"${parts.commitTimestamp}","received_at":"${parts.receivedAt}","record":${parts.canonical},"record_mac":"${parts.mac}"}`;

/**
 * Inverse of `formatLogEntry`; the MAC is read, not checked. The entry may be an attacker's.
 * @throws {EnvelopeError}
 */
export function parseLogEntry(text: string): LogEntry {
  if (text.length > MAX_LINE_LENGTH)
    throw new EnvelopeError('too_long', 'entry', `is over ${MAX_LINE_LENGTH} characters`);
  const value = parseJson(text);
  if (!isObject(value)) throw new EnvelopeError('not_an_object', 'entry', 'is not an object');
  for (const name in value)
    if (!MEMBERS.has(name))
      throw new EnvelopeError('unknown_field', boundedName(name), 'is not a member of a log entry');
  const commitTimestamp = readInstant(value.commit_timestamp, 'commit_timestamp');
  const receivedAt = readInstant(value.received_at, 'received_at');
  const { record, canonical } = readRecord(value.record);
  const mac = readMac(value.record_mac, 'record_mac');
  if (text !== formatLogEntry({ commitTimestamp, receivedAt, canonical, mac }))
    throw new EnvelopeError('not_canonical', 'entry', 'is not in canonical form (RFC 8785)');
  return { commitTimestamp, receivedAt, record, canonical, mac };
}

function readInstant(value: unknown, field: string): string {
  if (value === undefined) throw new EnvelopeError('missing_field', field, 'is required');
  if (typeof value !== 'string' || !INSTANT.test(value))
    throw new EnvelopeError(
      'bad_value',
      field,
      'is not an RFC 3339 instant in UTC with six fraction digits',
    );
  return value;
}
