import { createControlSession } from '../../ingest/control-session.ts';
import { type IngestDoor, sendControlBatch } from '../send-control-batch.ts';
import { type Letter, UNREASONED } from './letter.ts';

export type RecordOptions = IngestDoor & { readonly letters: readonly Letter[] };

/** The writer gives these before a signature has been checked: then nothing that a letter says of itself is recorded. */
const UNCHECKED: ReadonlySet<string> = new Set([
  'malformed_message',
  'unknown_signer',
  'forged_message',
  ...Object.values(UNREASONED),
]);

/**
 * Puts in the ledger that these letters were dead and were sent to the writer again, as a session of the control plane.
 * @throws {NotRecordedError}
 */
export async function recordReplays({ letters, ...door }: RecordOptions): Promise<void> {
  const session = createControlSession(door.controlKey);
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
  await sendControlBatch(door, session.offer());
}
