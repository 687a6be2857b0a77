import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';
import { debug } from '../context/debug.ts';

const KEY = 'vantio.session.1';

/** Session of the thread that started this worker, if it had begun by then. */
export function adoptParent(): string | undefined {
  const value: unknown = isMainThread ? undefined : getEnvironmentData(KEY);
  return typeof value === 'string' && /^[0-9a-f]{32}$/.test(value) ? value : undefined;
}

let announced: string | undefined;

/** Workers started from now on name this session as their parent. */
export function announceSession(sessionId: string): void {
  if (announced === sessionId) return;
  announced = sessionId;
  try {
    setEnvironmentData(KEY, sessionId);
  } catch (error) {
    debug('the session could not be announced to workers', error);
  }
}
