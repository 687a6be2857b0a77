import { boundedName } from './bounded-name.ts';
import { type Disclosure, discloses } from './commitment.ts';
import { COMMITTED_FIELDS, type CommittedField } from './committed-fields.ts';
import { EnvelopeError } from './envelope-error.ts';
import { isObject } from './read-json.ts';
import type { AuditRecord } from './record.ts';

export const MAX_DISCLOSURE_CHARACTERS = 4096;

const SALT = /^[0-9a-f]{64}$/;
const DISCLOSURE_MEMBERS: ReadonlySet<string> = new Set(['field', 'salt', 'value']);

/** @throws {EnvelopeError} unless each disclosure opens a commitment of the record. */
export function readDisclosures(value: unknown, record: AuditRecord): readonly Disclosure[] {
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
        `disclosures.${boundedName(name)}`,
        'is not a member of a disclosure',
      );
  const { field, salt, value: text } = value;
  if (!(COMMITTED_FIELDS as readonly unknown[]).includes(field))
    throw new EnvelopeError('bad_value', 'disclosures.field', 'names no committed field');
  if (typeof salt !== 'string' || !SALT.test(salt))
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
