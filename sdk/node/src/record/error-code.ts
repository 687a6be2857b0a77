const CODE = /^[A-Z][A-Z0-9_]{0,63}$/;
const MAX_CAUSES = 4;

/** The runtime's code of an error or of what caused it, such as ECONNREFUSED; never its message. */
export function errorCode(error: unknown): string | undefined {
  try {
    return search(error, MAX_CAUSES);
  } catch {
    // An error may be a Proxy or have getters of the host's own.
    return undefined;
  }
}

function search(error: unknown, depth: number): string | undefined {
  if (typeof error !== 'object' || error === null || depth === 0) return undefined;
  const { code, name, cause } = error as { code?: unknown; name?: unknown; cause?: unknown };
  if (typeof code === 'string' && CODE.test(code)) return code;
  if (name === 'AbortError') return 'ABORT_ERR';
  if (name === 'TimeoutError') return 'TIMEOUT_ERR';
  return search(cause, depth - 1);
}

const ABORTS = new Set(['ABORT_ERR', 'UND_ERR_ABORTED', 'ERR_CANCELED']);
const TIMEOUTS = /TIMEOUT|TIMEDOUT/;

export function failureOf(error: unknown): {
  outcome: 'error' | 'aborted' | 'timeout';
  error_code?: string;
} {
  const code = errorCode(error);
  if (code === undefined) return { outcome: 'error' };
  const outcome = ABORTS.has(code) ? 'aborted' : TIMEOUTS.test(code) ? 'timeout' : 'error';
  return { outcome, error_code: code };
}
