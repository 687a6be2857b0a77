import { setTimeout as sleep } from 'node:timers/promises';
import { CliError } from '../../cli-error.ts';
import { EXIT } from '../../exit-codes.ts';
import type { Batch } from './batches.ts';

export type PostOptions = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds before the second try; doubled for each further one. */
  readonly backOff?: number;
};

export type Posted = { readonly sent: number; readonly requests: number };

const TRIES = 6;
const TIMEOUT = 10_000;
/** A receiver may ask for so many seconds of patience at most. */
const MAX_WAIT = 60;
/** https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes */
const RETRYABLE = [429, 502, 503, 504];

type Answer = { readonly status?: number; readonly text?: string; readonly wait?: number };

/**
 * Sends batches one after the other, each until it was taken: so a receiver that is slow slows the reading of the ledger, and
 * memory holds one batch.
 * @throws {CliError} saying how many were taken before one was not; and at the end, if the receiver rejected some.
 */
export async function postBatches(
  batches: Iterable<Batch>,
  { url, headers, backOff = 1000 }: PostOptions,
): Promise<Posted> {
  let [sent, rejected, requests] = [0, 0, 0];
  for (const { body, count } of batches) {
    const { status, text = '' } = await postUntilTaken(body);
    if (status === undefined || status < 200 || status > 299)
      throw new CliError(
        `${url} ${status === undefined ? 'cannot be reached' : `answered ${status}`}; ${sent} were taken before, and a further run sends them again. Check --endpoint, and OTEL_EXPORTER_OTLP_HEADERS if it wants a key.`,
      );
    const refused = Math.min(rejectedOf(text), count);
    requests++;
    rejected += refused;
    sent += count - refused;
  }
  if (rejected > 0)
    throw new CliError(
      `${url} rejected ${rejected} of ${sent + rejected}; its own log says why, and the others were taken.`,
      EXIT.wrong,
    );
  return { sent, requests };

  async function postUntilTaken(body: string): Promise<Answer> {
    for (let tried = 1; ; tried++) {
      const answer = await post(body);
      const { status, wait } = answer;
      const mayRetry = status === undefined || RETRYABLE.includes(status);
      if (!mayRetry || tried === TRIES) return answer;
      await sleep(wait ?? backOff * 2 ** (tried - 1) * (0.5 + Math.random() / 2));
    }
  }

  async function post(body: string): Promise<Answer> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body,
        // Records go where the user said, and nowhere else.
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT),
      });
      const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
      return {
        status: response.status,
        text: await response.text(),
        ...(seconds >= 0 ? { wait: Math.min(seconds, MAX_WAIT) * 1000 } : {}),
      };
    } catch {
      return {};
    }
  }
}

/** A success may be partial. What a receiver answers is its own affair: anything else counts as taken. */
function rejectedOf(text: string): number {
  try {
    const { partialSuccess } = JSON.parse(text) as { readonly partialSuccess?: object };
    const { rejectedLogRecords, rejectedSpans } = (partialSuccess ?? {}) as Readonly<
      Record<string, unknown>
    >;
    const count = Number(rejectedLogRecords ?? rejectedSpans ?? 0);
    return Number.isSafeInteger(count) && count > 0 ? count : 0;
  } catch {
    return 0;
  }
}
