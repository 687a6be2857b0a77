import { boundedName } from './bounded-name.ts';
import { CanonicalError, requireCanonical } from './canonical.ts';
import type { Disclosure } from './commitment.ts';
import { EnvelopeError } from './envelope-error.ts';
import { readMac, TAIL_LENGTH, tailMac } from './mac-text.ts';
import { readDisclosures } from './read-disclosures.ts';
import { isObject, parseJson } from './read-json.ts';
import { readCanonicalRecord, readRecord } from './read-record.ts';
import type { AuditRecord } from './record.ts';

export type Envelope = {
  readonly record: AuditRecord;
  /** The record's canonical bytes, as they came. */
  readonly canonical: string;
  readonly mac: string;
  readonly disclosures: readonly Disclosure[];
};

const MEMBERS: ReadonlySet<string> = new Set(['disclosures', 'record', 'record_mac']);
const HEAD = '{"record":';
/** Bound of one line, in UTF-16 code units: a record and four disclosures fit. */
export const MAX_LINE_LENGTH = 131_072;

/**
 * One NDJSON line of an ingest body. Attacker-controlled.
 * @throws {EnvelopeError}
 */
export const parseEnvelope = (line: string): Envelope => bareEnvelope(line) ?? anyEnvelope(line);

/** The quick way, for a line without disclosures in which nothing is wrong. */
function bareEnvelope(line: string): Envelope | undefined {
  const mac = tailMac(line);
  if (mac === undefined || !line.startsWith(HEAD)) return undefined;
  const read = readCanonicalRecord(line.slice(HEAD.length, -TAIL_LENGTH));
  return read && { record: read.record, canonical: read.canonical, mac, disclosures: [] };
}

function anyEnvelope(line: string): Envelope {
  if (line.length > MAX_LINE_LENGTH)
    throw new EnvelopeError('too_long', 'envelope', `is over ${MAX_LINE_LENGTH} characters`);
  const value = parseJson(line);
  const envelope = readEnvelope(value);
  try {
    requireCanonical(value, line);
  } catch (error) {
    if (!(error instanceof CanonicalError)) throw error;
    throw new EnvelopeError('not_canonical', 'envelope', error.message);
  }
  return envelope;
}

/**
 * The envelope in a parsed value whose text the caller holds to its canonical form.
 * @throws {EnvelopeError}
 */
export function readEnvelope(value: unknown): Envelope {
  if (!isObject(value)) throw new EnvelopeError('not_an_object', 'envelope', 'is not an object');
  for (const name in value)
    if (!MEMBERS.has(name))
      throw new EnvelopeError('unknown_field', boundedName(name), 'is not a member of an envelope');
  const { record, canonical } = readRecord(value.record);
  const mac = readMac(value.record_mac, 'record_mac');
  return { record, canonical, mac, disclosures: readDisclosures(value.disclosures, record) };
}
