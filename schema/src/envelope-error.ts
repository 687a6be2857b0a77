import type { Fault } from './rules.ts';

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
