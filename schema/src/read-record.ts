import { isCanonicalRecord } from './canonical-record.ts';
import { EnvelopeError } from './envelope-error.ts';
import type { AuditRecord } from './record.ts';
import { recordFault } from './record-fault.ts';
import { crossFault } from './rules.ts';

/** Bound of a record's canonical bytes. */
export const MAX_RECORD_BYTES = 16_384;

export type CanonicalRecord = { readonly record: AuditRecord; readonly canonical: string };

/** @throws {EnvelopeError} naming the field. */
export function readRecord(value: unknown): CanonicalRecord {
  const fault = recordFault(value);
  if (fault) throw new EnvelopeError(fault.code, fault.field, fault.message);
  // The validator has seen that members stand in order and hold nothing but strings, integers and true:
  // for such a value JSON.stringify is the canonical form.
  const canonical = JSON.stringify(value);
  if (canonical.length > MAX_RECORD_BYTES)
    throw new EnvelopeError('too_long', 'record', `is over ${MAX_RECORD_BYTES} bytes`);
  return { record: value as AuditRecord, canonical };
}

/** The record a text holds, or undefined if anything is wrong with it, for the slow way to name. Attacker-controlled. */
export function readCanonicalRecord(text: string): CanonicalRecord | undefined {
  if (text.length > MAX_RECORD_BYTES || !isCanonicalRecord(text)) return undefined;
  const record = JSON.parse(text) as AuditRecord;
  // The order of entities is not in the pattern.
  if (record.redactions !== undefined && recordFault(record)) return undefined;
  return crossFault(record) ? undefined : { record, canonical: text };
}
