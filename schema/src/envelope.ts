import { CanonicalError, requireCanonical } from './canonical.ts';
import { type Disclosure, discloses } from './commitment.ts';
import { COMMITTED_FIELDS, type CommittedField } from './committed-fields.ts';
import type { AuditRecord } from './record.ts';
import { recordFault } from './record-fault.ts';
import type { Fault } from './rules.ts';

/** Bounds of what travels with a record (record.md, "Envelope"). */
export const MAX_RECORD_BYTES = 16_384;
export const MAX_DISCLOSURE_CHARACTERS = 4096;

export type Envelope = {
  readonly record: AuditRecord;
  /** The record's canonical bytes, as they came. */
  readonly canonical: string;
  readonly mac: string;
  readonly disclosures: readonly Disclosure[];
};

export type EnvelopeErrorCode =
  | Fault['code']
  | 'not_json'
  | 'not_canonical'
  | 'too_long'
  | 'disclosure_mismatch';

/** What is wrong with an envelope or ledger line, and where; the message quotes no value. */
export class EnvelopeError extends Error {
  override readonly name = 'EnvelopeError';
  readonly code: EnvelopeErrorCode;
  readonly field: string;
  constructor(code: EnvelopeErrorCode, field: string, message: string) {
    super(message);
    this.code = code;
    this.field = field;
  }
}

const MAC = /^[0-9a-f]{64}$/;
const ENVELOPE_MEMBERS: ReadonlySet<string> = new Set(['disclosures', 'record', 'record_mac']);
const DISCLOSURE_MEMBERS: ReadonlySet<string> = new Set(['field', 'salt', 'value']);

/**
 * One NDJSON line of an ingest body. Attacker-controlled.
 * @throws {EnvelopeError}
 */
export function parseEnvelope(line: string): Envelope {
  const value = parseJson(line);
  const envelope = readEnvelope(value);
  if (!line.endsWith(tailOf(envelope)) || line.length !== lengthOf(envelope))
    requireCanonicalLine(value, line);
  return envelope;
}

/**
 * The envelope in a parsed value whose text the caller holds to its canonical form.
 * @throws {EnvelopeError}
 */
export function readEnvelope(value: unknown): Envelope {
  if (!isObject(value)) throw new EnvelopeError('not_an_object', 'envelope', 'is not an object');
  for (const name in value)
    if (!ENVELOPE_MEMBERS.has(name))
      throw new EnvelopeError('unknown_field', name, 'is not a member of an envelope');
  const { record, canonical } = readRecord(value.record);
  const mac = readMac(value.record_mac, 'record_mac');
  return { record, canonical, mac, disclosures: readDisclosures(value.disclosures, record) };
}

/** @throws {EnvelopeError} naming the field. */
export function readRecord(value: unknown): {
  readonly record: AuditRecord;
  readonly canonical: string;
} {
  const fault = recordFault(value);
  if (fault) throw new EnvelopeError(fault.code, fault.field, fault.message);
  // The validator has seen that members stand in order and hold nothing but strings, integers and true:
  // for such a value JSON.stringify is the canonical form.
  const canonical = JSON.stringify(value);
  if (canonical.length > MAX_RECORD_BYTES)
    throw new EnvelopeError('too_long', 'record', `is over ${MAX_RECORD_BYTES} bytes`);
  return { record: value as AuditRecord, canonical };
}

export function readMac(value: unknown, field: string): string {
  if (value === undefined) throw new EnvelopeError('missing_field', field, 'is required');
  if (typeof value !== 'string' || !MAC.test(value))
    throw new EnvelopeError('bad_value', field, 'is not 64 lower-case hex digits');
  return value;
}

function readDisclosures(value: unknown, record: AuditRecord): readonly Disclosure[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length === 0 || value.length > COMMITTED_FIELDS.length)
    throw new EnvelopeError('bad_value', 'disclosures', 'is not a list of 1 to 4 disclosures');
  const seen = new Set<string>();
  for (const item of value as unknown[]) {
    const disclosure = readDisclosure(item);
    if (seen.has(disclosure.field))
      throw new EnvelopeError('bad_value', 'disclosures', `discloses ${disclosure.field} twice`);
    seen.add(disclosure.field);
    if (!discloses(record, disclosure))
      throw new EnvelopeError(
        'disclosure_mismatch',
        `${disclosure.field}_commit`,
        'is not the commitment of the disclosed value',
      );
  }
  return value as Disclosure[];
}

/** @throws {EnvelopeError} unless the value has the form of a disclosure. */
export function readDisclosure(value: unknown): Disclosure {
  if (!isObject(value))
    throw new EnvelopeError(
      'not_an_object',
      'disclosures',
      'holds something that is not an object',
    );
  for (const name in value)
    if (!DISCLOSURE_MEMBERS.has(name))
      throw new EnvelopeError(
        'unknown_field',
        `disclosures.${name}`,
        'is not a member of a disclosure',
      );
  const { field, salt, value: text } = value;
  if (!(COMMITTED_FIELDS as readonly unknown[]).includes(field))
    throw new EnvelopeError('bad_value', 'disclosures.field', 'names no committed field');
  if (typeof salt !== 'string' || !MAC.test(salt))
    throw new EnvelopeError('bad_value', 'disclosures.salt', 'is not 64 lower-case hex digits');
  if (
    typeof text !== 'string' ||
    text.length === 0 ||
    text.length > MAX_DISCLOSURE_CHARACTERS ||
    !text.isWellFormed()
  )
    throw new EnvelopeError(
      'bad_value',
      'disclosures.value',
      `is not 1 to ${MAX_DISCLOSURE_CHARACTERS} well-formed characters`,
    );
  return { field: field as CommittedField, salt, value: text };
}

// A line is canonical when it is prefix + canonical record + tail: cheaper to see than to make the whole again.
const tailOf = ({ canonical, mac }: Envelope): string =>
  `"record":${canonical},"record_mac":"${mac}"}`;
const lengthOf = (envelope: Envelope): number =>
  envelope.disclosures.length === 0 ? tailOf(envelope).length + 1 : -1;

function requireCanonicalLine(value: unknown, line: string): void {
  try {
    requireCanonical(value, line);
  } catch (error) {
    if (!(error instanceof CanonicalError)) throw error;
    throw new EnvelopeError('not_canonical', 'envelope', error.message);
  }
}

/** @throws {EnvelopeError} not_json. */
export function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new EnvelopeError('not_json', 'envelope', 'is not JSON');
  }
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
