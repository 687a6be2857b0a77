import { backoff } from '../../emit/backoff.ts';

/**
 * When to ask again, in milliseconds: jittered, so that a fleet that started together does not ask together, and before
 * the policy is past its age. After a failure sooner, and then less and less often.
 * @param afterMs how long the control plane asked to be left alone
 */
export function nextAsk(
  held:
    | {
        readonly maxAge: number;
        readonly fetchedAt: number;
        readonly expiresAt: string | undefined;
      }
    | undefined,
  failures: number,
  now: number,
  afterMs = 0,
  random = Math.random(),
): number {
  if (failures > 0 || held === undefined) return backoff(failures, afterMs, random);
  const due = held.maxAge * 1000 * (0.6 + 0.3 * random);
  // A clock that went back counts as no time passed.
  const passed = Math.max(0, now - held.fetchedAt);
  const expiry =
    held.expiresAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(held.expiresAt);
  const left = expiry > now ? expiry - now + 10 : Number.POSITIVE_INFINITY;
  return Math.min(Math.max(Math.min(due - passed, left), 500), 2 ** 31 - 1);
}
