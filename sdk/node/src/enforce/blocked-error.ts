/** Actions that refuse a call; each is the `code` of the error that the caller gets. */
export type BlockedCode =
  | 'BLOCKED_HOST'
  | 'BLOCKED_MODEL'
  | 'BLOCKED_SPEND'
  | 'BLOCKED_TOOL'
  | 'BLOCKED_UNAVAILABLE'
  | 'BLOCKED_UNSCANNED';

/** What a call that policy forbids fails with; no byte of it has left. Clients hand it on as it is, or as a `cause`. */
export class VantioBlockedError extends Error {
  override readonly name = 'VantioBlockedError';
  readonly code: BlockedCode;
  readonly ruleId: string;
  readonly traceId: string | undefined;

  constructor(code: BlockedCode, ruleId: string, reason: string, traceId: string | undefined) {
    super(reason);
    this.code = code;
    this.ruleId = ruleId;
    this.traceId = traceId;
  }
}

const MAX_DEPTH = 8;

/** The refusal behind an error that a client made of it. */
export function refusalIn(error: unknown, depth = MAX_DEPTH): VantioBlockedError | undefined {
  if (error instanceof VantioBlockedError) return error;
  if (typeof error !== 'object' || error === null || depth === 0) return undefined;
  const { cause, errors, lastError, error: wrapped } = error as Record<string, unknown>;
  const more = Array.isArray(errors) ? errors : [];
  for (const inner of [cause, lastError, wrapped, ...more]) {
    const found = inner === error ? undefined : refusalIn(inner, depth - 1);
    if (found) return found;
  }
  return undefined;
}
