import { createHash } from 'node:crypto';
import type { CommittedField } from './committed-fields.ts';

/** The value behind a commitment; it travels beside its record, is stored apart and can be erased. */
export type Disclosure = {
  readonly field: CommittedField;
  /** 32 random bytes, 64 hex digits, fresh for each field of each record. */
  readonly salt: string;
  readonly value: string;
};

/** SHA-256("vantio/field/v1\0" ‖ field ‖ 0 ‖ salt ‖ UTF-8 value), 64 hex digits; the record's `<field>_commit`. */
export const commitment = ({ field, salt, value }: Disclosure): string =>
  createHash('sha256')
    .update(`vantio/field/v1\0${field}\0`)
    .update(salt, 'hex')
    .update(value)
    .digest('hex');

/** Whether the disclosure opens the record's commitment of that field. */
export const discloses = (
  record: Readonly<Record<string, unknown>>,
  disclosure: Disclosure,
): boolean => record[`${disclosure.field}_commit`] === commitment(disclosure);
