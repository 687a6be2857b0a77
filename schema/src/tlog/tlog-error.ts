export type TlogErrorCode =
  | 'bad_size'
  | 'bad_index'
  | 'bad_tile'
  | 'bad_bundle'
  | 'bad_path'
  | 'bad_key'
  | 'bad_note'
  | 'bad_checkpoint'
  | 'bad_proof'
  | 'bad_signature'
  | 'unknown_key'
  | 'other_log'
  /** Not wrong: this runtime cannot check it. */
  | 'unmeasured'
  | 'inconsistent';

/** What is wrong with a log's file or proof, in one sentence that quotes none of it. */
export class TlogError extends Error {
  override readonly name = 'TlogError';
  readonly code: TlogErrorCode;
  constructor(code: TlogErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
