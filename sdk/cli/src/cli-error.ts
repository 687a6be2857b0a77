import { EXIT } from './exit-codes.ts';

/**
 * Something the user can put right: one sentence that says what is wrong and what to do. It never holds a key or a value
 * from a ledger.
 */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: number;
  constructor(message: string, exitCode: number = EXIT.usage) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The system's own word for a failed call, such as ENOENT. */
export const systemCode = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : 'unknown error';
