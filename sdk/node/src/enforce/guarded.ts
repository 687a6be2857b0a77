import { debug } from '../context/debug.ts';
import { enforceEngine } from './engines.ts';
import { inForce } from './in-force.ts';

/**
 * What a fault of ours leads to: the call goes on as without us, as the promise to the host is, unless policy says that
 * what it cannot judge is closed.
 */
export function guardedOr<T>(what: string, without: T, body: () => T): T | { error: Error } {
  try {
    return body();
  } catch (error) {
    debug(`${what} failed`, error);
    return inForce.isClosed()
      ? { error: enforceEngine().refusal('BLOCKED_UNAVAILABLE', 'on_unavailable', UNJUDGED) }
      : without;
  }
}

const UNJUDGED =
  'Policy could not be applied to this call, and it says that such calls are refused.';
