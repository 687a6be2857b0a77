export type LogKeysErrorCode = 'no_ledger' | 'no_state' | 'unknown_log_key' | 'key_in_charge';

/** The keys of a log cannot be changed so; the message says what to do. */
export class LogKeysError extends Error {
  override readonly name = 'LogKeysError';
  readonly code: LogKeysErrorCode;
  constructor(code: LogKeysErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
