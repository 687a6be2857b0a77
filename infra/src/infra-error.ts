export type InfraErrorCode =
  | 'bad_setting'
  | 'missing_setting'
  | 'half_told'
  | 'bundle_missing'
  | 'ddl_missing';

/** The program cannot go on as it was told; nothing has been made yet. */
export class InfraError extends Error {
  override readonly name = 'InfraError';
  readonly code: InfraErrorCode;
  constructor(code: InfraErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
