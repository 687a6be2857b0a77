import { setTimeout as sleep } from 'node:timers/promises';
import { type Batch, linesOf } from '../ingest/ledger-store.ts';

export type IngestDoor = {
  /** The control plane's own API key. */
  readonly controlKey: string;
  /** Base URL of ingest. */
  readonly ingestUrl: string;
};

/** Ingest did not take the records: they are in no ledger, as far as anybody here knows. */
export class NotRecordedError extends Error {
  override readonly name = 'NotRecordedError';
  readonly code = 'not_recorded';
}

const TIMEOUT_MILLIS = 30_000;
const ATTEMPTS = 3;
const MAX_WAIT_SECONDS = 60;

/**
 * Has records of the control plane put in the cloud ledger: when this returns, ingest has acknowledged them. Waits when it
 * is told to come again.
 * @throws {NotRecordedError}
 */
export async function sendControlBatch(door: IngestDoor, batch: Batch): Promise<void> {
  const body = linesOf(batch).join('\n');
  for (let attempt = 1; ; attempt++) {
    const { status, retryAfter } = await post(door, body);
    if (status === 202) return;
    if (status !== 429 || attempt === ATTEMPTS)
      throw new NotRecordedError(`ingest answered ${status}`);
    await sleep(Math.min(retryAfter, MAX_WAIT_SECONDS) * 1000);
  }
}

async function post({ controlKey, ingestUrl }: IngestDoor, body: string) {
  try {
    const { status, headers } = await fetch(new URL('/api/v1/ingest', ingestUrl), {
      method: 'POST',
      headers: { authorization: `Bearer ${controlKey}`, 'content-type': 'application/x-ndjson' },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MILLIS),
    });
    return { status, retryAfter: Number(headers.get('retry-after')) || 1 };
  } catch {
    throw new NotRecordedError('ingest cannot be reached');
  }
}
