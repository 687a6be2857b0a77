import { retryAfter } from './backoff.ts';

/** What became of a batch. */
export type Outcome =
  | { readonly kind: 'stored'; readonly receipt: string | undefined }
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
  const answer = status === 202 ? answerOf(body) : undefined;
  if (Array.isArray(answer?.events) && answer.events.length === records)
    return { kind: 'stored', receipt: receiptText(answer.receipt) };
  if (status >= 400 && status < 500 && status !== 408 && status !== 429 && status !== 425)
    return { kind: 'refused', status };
  return { kind: 'retry', status, afterMs: retryAfter(header, nowMs) };
}

type Answer = { readonly events?: unknown; readonly receipt?: unknown };

function answerOf(body: string): Answer | undefined {
  try {
    const answer: unknown = JSON.parse(body);
    return typeof answer === 'object' && answer !== null ? answer : undefined;
  } catch {
    return undefined;
  }
}

/** Its form alone is looked at: whoever judges the receipt has the log's key. */
function receiptText(receipt: unknown): string | undefined {
  if (typeof receipt !== 'object' || receipt === null) return undefined;
  const { signature } = receipt as { readonly signature?: unknown };
  return typeof signature === 'string' && /^[0-9a-f]{128}$/.test(signature)
    ? JSON.stringify(receipt)
    : undefined;
}
