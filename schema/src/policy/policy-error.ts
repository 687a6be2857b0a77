export type PolicyErrorCode =
  | 'too_large'
  | 'not_json'
  | 'duplicate_key'
  | 'unknown_key'
  | 'bad_value'
  /** Not of the form of a signed policy, or its canonical bytes are not. */
  | 'bad_envelope'
  | 'bad_signature'
  | 'unknown_signer'
  /** Its version is below one that was seen, or is that one with other bytes. */
  | 'rolled_back';

/** What is wrong with a policy, where, and what to do about it, in one sentence that quotes no value. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
  readonly code: PolicyErrorCode;
  /** Such as `blocked_hosts[3].host`; empty for the document as a whole. */
  readonly path: string;
  constructor(code: PolicyErrorCode, path: string, message: string) {
    super(path === '' ? message : `${path}: ${message}`);
    this.code = code;
    this.path = path;
  }
}
