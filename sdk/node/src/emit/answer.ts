import { retryAfter } from './backoff.ts';

/** What became of a batch. */
export type Outcome =
  | { readonly kind: 'stored' }
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'retry'; readonly status: number; readonly afterMs: number };

/** Judges an answer. Whatever stands at the URL may not be ours: only a 202 that accounts for every record is storage. */
export function judge(
  status: number,
  header: string | undefined,
  body: string,
  records: number,
  nowMs: number,
): Outcome {
  if (status === 202 && accountsFor(body, records)) return { kind: 'stored' };
  if (status >= 400 && status < 500 && status !== 408 && status !== 429 && status !== 425)
    return { kind: 'refused', status };
  return { kind: 'retry', status, afterMs: retryAfter(header, nowMs) };
}

function accountsFor(body: string, records: number): boolean {
  try {
    const { events } = JSON.parse(body) as { events?: unknown };
    return Array.isArray(events) && events.length === records;
  } catch {
    return false;
  }
}
