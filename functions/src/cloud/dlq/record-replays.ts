import { envelopeText } from '@vantio/schema/session';
import { createControlSession } from '../../ingest/control-session.ts';
import { type Letter, UNREASONED } from './letter.ts';

export type RecordOptions = {
  /** The control plane's own API key. */
  readonly controlKey: string;
  /** Base URL of ingest. */
  readonly ingestUrl: string;
  readonly letters: readonly Letter[];
};

/** Ingest did not take the records; the letters were replayed all the same. */
export class ReplayRecordError extends Error {
  override readonly name = 'ReplayRecordError';
  readonly code = 'not_recorded';
}

/** The writer gives these before a signature has been checked: then nothing that a letter says of itself is recorded. */
const UNCHECKED: ReadonlySet<string> = new Set([
  'malformed_message',
  'unknown_signer',
  'forged_message',
  ...Object.values(UNREASONED),
]);
const TIMEOUT_MILLIS = 30_000;

/**
 * Puts in the ledger that these letters were dead and were sent to the writer again, as a session of the control plane.
 * @throws {ReplayRecordError}
 */
export async function recordReplays({
  controlKey,
  ingestUrl,
  letters,
}: RecordOptions): Promise<void> {
  const session = createControlSession(controlKey);
  session.start();
  for (const { messageId, sourceMessageId, reason, claims } of letters) {
    const about = {
      action_taken: 'RECORDED',
      message_id: sourceMessageId ?? messageId,
      ...(claims === undefined || UNCHECKED.has(reason)
        ? {}
        : { subject_tenant_id: claims.tenant_id, records: claims.records }),
    } as const;
    session.say({ event_type: 'dead_letter', reason_code: reason, ...about });
    session.say({ event_type: 'dead_letter_replay', ...about });
  }
  session.head();
  session.end({ end_reason: 'shutdown' });
  const lines = session
    .offer()
    .records.map(({ canonical, mac, disclosures }) => envelopeText(canonical, mac, disclosures));
  const status = await post(new URL('/api/v1/ingest', ingestUrl), controlKey, lines.join('\n'));
  if (status !== 202) throw new ReplayRecordError(`ingest answered ${status}`);
}

async function post(url: URL, apiKey: string, body: string): Promise<number> {
  try {
    const { status } = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/x-ndjson' },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MILLIS),
    });
    return status;
  } catch {
    throw new ReplayRecordError('ingest cannot be reached');
  }
}
