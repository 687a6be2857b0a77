/**
 * One line of JSON on standard output for each entry, as Cloud Logging reads it
 * (https://cloud.google.com/logging/docs/structured-logging). Entries hold codes, counts and ids; never content, never a key.
 */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;
export type Severity = 'INFO' | 'WARNING' | 'ERROR';

export function log(severity: Severity, message: string, fields: LogFields = {}): void {
  process.stdout.write(`${JSON.stringify({ severity, message, ...fields })}\n`);
}

/** For what went wrong inside: the error's class and code, for its message may quote what was sent. */
export const logFault = (message: string, error: unknown): void => {
  const { name, code } = (error ?? {}) as { readonly name?: unknown; readonly code?: unknown };
  log('ERROR', message, {
    error: typeof name === 'string' ? name : 'unknown',
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
  });
};
