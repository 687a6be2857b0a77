import { canonicalize, parseCanonical } from './canonical.ts';
import { commitment, type Disclosure } from './commitment.ts';
import type { CommittedField } from './committed-fields.ts';
import type { EnvelopeError } from './envelope-error.ts';
import { readDisclosure } from './read-disclosures.ts';

/** One line of a disclosures file. */
export type DisclosureLine = {
  readonly eventId: string;
  readonly tenantId: string;
  readonly field: CommittedField;
  readonly value: string;
  readonly salt: string;
  /** What the record must hold in `<field>_commit` for this to be the committed value. */
  readonly commit: string;
};

/** A value of 4,096 characters, each escaped as \uXXXX, and the members around it. */
export const MAX_DISCLOSURE_BYTES = 32_768;

const MEMBERS = new Set(['event_id', 'field', 'salt', 'tenant_id', 'value']);

/**
 * The file may have been tampered with.
 * @throws {CanonicalError | EnvelopeError | TypeError} saying what is wrong; never quoting a value.
 */
export function parseDisclosureLine(text: string): DisclosureLine {
  const line = parseCanonical(text);
  if (typeof line !== 'object' || line === null || Array.isArray(line))
    throw new TypeError('is not an object');
  const { event_id, tenant_id, ...rest } = line as Record<string, unknown>;
  for (const name of Object.keys(line))
    if (!MEMBERS.has(name)) throw new TypeError('holds a member that a disclosure does not have');
  if (typeof event_id !== 'string' || typeof tenant_id !== 'string')
    throw new TypeError('lacks event_id or tenant_id');
  const disclosure = readDisclosure(rest);
  return {
    eventId: event_id,
    tenantId: tenant_id,
    field: disclosure.field,
    value: disclosure.value,
    salt: disclosure.salt,
    commit: commitment(disclosure),
  };
}

/** @returns what an error of `parseDisclosureLine` says. */
export const disclosureFault = (error: unknown): string => {
  const { field, message } = error as Partial<EnvelopeError> & Error;
  return field === undefined ? message : `${field} ${message}`;
};

/** The line of a disclosures file, without its newline. */
export const formatDisclosureLine = (
  eventId: string,
  tenantId: string,
  { field, salt, value }: Disclosure,
): string => canonicalize({ event_id: eventId, field, salt, tenant_id: tenantId, value });
