import { instantFromMicros, microsFromInstant } from '@vantio/schema';
import { signReceipt } from '@vantio/schema/receipt';
import type { PromiseToLog } from '../../ingest/handler.ts';
import type { LocalLog } from './open-local-log.ts';

/** From receipt to checkpoint, at most: five times what it takes when all is well. */
const MERGE_MICROS = 5_000_000;

/** Signs that a batch will be in the log within five seconds; nothing while the log cannot be sealed. */
export const createPromiseToLog =
  ({ origin, privateKey, isSound }: LocalLog): PromiseToLog =>
  (records, receivedAt, { keyId, tenantId }) =>
    isSound()
      ? signReceipt(
          {
            events: records.map(({ record, hash }) => ({
              event_id: record.event_id,
              record_hash: hash,
            })),
            key_id: keyId,
            merge_by: instantFromMicros(microsFromInstant(receivedAt) + MERGE_MICROS),
            origin,
            received_at: receivedAt,
            tenant_id: tenantId,
          },
          privateKey,
        )
      : undefined;
