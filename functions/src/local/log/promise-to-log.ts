import { signReceipt } from '@vantio/schema/receipt';
import type { PromiseToLog } from '../../ingest/handler.ts';
import { receiptOf } from '../../ingest/receipt-of.ts';
import type { LocalLog } from './open-local-log.ts';

/** From receipt to checkpoint, at most: five times what it takes when all is well. */
const MERGE_MICROS = 5_000_000;

/** Signs that a batch will be in the log within five seconds; nothing while the log cannot be sealed. */
export const createPromiseToLog =
  ({ origin, privateKey, isSound }: LocalLog): PromiseToLog =>
  (records, receivedAt, claims) =>
    isSound()
      ? signReceipt(
          receiptOf(records, receivedAt, claims, { origin, mergeMicros: MERGE_MICROS }),
          privateKey,
        )
      : undefined;
