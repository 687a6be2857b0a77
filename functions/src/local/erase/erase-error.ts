export type EraseErrorCode =
  | 'ledger_in_use'
  | 'no_ledger'
  | 'no_state'
  | 'not_a_file'
  | 'other_user';

/** Nothing was erased; the message says what to do. */
export class EraseError extends Error {
  override readonly name = 'EraseError';
  readonly code: EraseErrorCode;
  constructor(code: EraseErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
