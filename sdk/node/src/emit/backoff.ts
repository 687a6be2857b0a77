const FIRST_MS = 1000;
const LONGEST_MS = 60_000;
const LONGEST_ASKED_MS = 3_600_000;

/** Exponential, jittered between half and the whole, or by a quarter of Retry-After, so that a fleet does not return at once; never before that. */
export function backoff(attempt: number, retryAfterMs: number, random = Math.random()): number {
  const step = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  const asked = Math.min(retryAfterMs, LONGEST_ASKED_MS);
  return Math.max(step / 2, asked) + random * Math.max(step / 2, asked / 4);
}

/** RFC 9110 section 10.2.3: seconds or a date. @returns milliseconds from `nowMs`. */
export function retryAfter(header: string | undefined, nowMs: number): number {
  if (header === undefined) return 0;
  if (/^[0-9]{1,9}$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? 0 : Math.max(0, at - nowMs);
}
