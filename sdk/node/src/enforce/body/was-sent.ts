import { refusalIn } from '../blocked-error.ts';

/** Errors of connections that were never made. */
const NEVER: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECANCELED',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Whether a call that failed before an answer began may have reached its provider: what is in doubt has. */
export const wasSent = (error: unknown): boolean =>
  refusalIn(error) === undefined && !NEVER.has(codeOf(error) ?? codeOf(causeOf(error)) ?? '');

const causeOf = (error: unknown): unknown => (error as { readonly cause?: unknown } | null)?.cause;

function codeOf(error: unknown): string | undefined {
  const code = (error as { readonly code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
