import type { KeyObject } from 'node:crypto';
import type { HttpFunction } from '@google-cloud/functions-framework';
import { ledgerRows } from '@vantio/schema/spanner/ledger-row';
import {
  type OpenedBatch,
  openBatch,
  SealedBatchError,
  type SealedBatchFault,
} from '@vantio/schema/wire/sealed-batch';
import { codeOf } from '../spanner/grpc-status.ts';
import type { createStoreOnce } from '../spanner/store-once.ts';
import type { DeadLetter } from './dead-letter.ts';
import { type PushMessage, readPushMessage } from './push-message.ts';
import type { PushTokenCheck } from './push-token.ts';

export type WriterOptions = {
  readonly checkToken: PushTokenCheck;
  /** Public keys of trusted ingests by their id. */
  readonly ingestSigners: ReadonlyMap<string, KeyObject>;
  readonly storeOnce: ReturnType<typeof createStoreOnce>;
  readonly deadLetter: DeadLetter;
  readonly log: (entry: WriterEntry) => void;
};

/** Pub/Sub has its own back-off and does not look at it; whoever else calls may. */
const RETRY_SECONDS = '10';

/** One line in the log for each message. Holds counts and codes, never content. */
export type WriterEntry = {
  readonly event: 'stored' | 'dead_letter' | 'retry' | 'refused';
  readonly message_id?: string;
  readonly tenant_id?: string;
  readonly inserted?: number;
  readonly duplicates?: number;
  readonly refused?: number;
  readonly reason?: string;
};

/**
 * Pub/Sub push → ledger. Acknowledges (204) only what the database has committed, or what the dead-letter topic has taken
 * with its reason; any other answer makes Pub/Sub deliver the message again.
 */
export const createWriter =
  ({ checkToken, ingestSigners, storeOnce, deadLetter, log }: WriterOptions): HttpFunction =>
  async (request, response) => {
    try {
      if (!(await checkToken(request.headers.authorization))) {
        log({ event: 'refused', reason: 'bad_token' });
        response.status(401).end();
        return;
      }
    } catch (error) {
      log({ event: 'retry', reason: reasonOf(error) });
      response.status(503).set('retry-after', RETRY_SECONDS).end();
      return;
    }
    const message = readPushMessage(request.body);
    if (!message) {
      log({ event: 'refused', reason: 'no_push_message' });
      response.status(400).end();
      return;
    }
    try {
      log(await write(message));
      response.status(204).end();
    } catch (error) {
      log({ event: 'retry', message_id: message.messageId, reason: reasonOf(error) });
      response.status(503).set('retry-after', RETRY_SECONDS).end();
    }

    async function write({ messageId, data }: PushMessage): Promise<WriterEntry> {
      const bury = async (reason: string): Promise<WriterEntry> => {
        await deadLetter({ data, messageId, reason });
        return { event: 'dead_letter', message_id: messageId, reason };
      };
      const batch = openOrFault(data);
      if (typeof batch === 'string') return bury(batch);
      const { tenant_id, received_at, envelopes } = batch;
      const stored = await storeOnce(
        envelopes.map((envelope) => ledgerRows(envelope, received_at)),
      );
      // The whole message goes, for it is what ingest signed; a replay finds the others there already.
      if (stored.refused > 0)
        return { ...(await bury(stored.reason ?? 'refused')), tenant_id, ...stored };
      return { event: 'stored', message_id: messageId, tenant_id, ...stored };
    }

    function openOrFault(data: string): OpenedBatch | SealedBatchFault {
      try {
        return openBatch(data, ingestSigners);
      } catch (error) {
        if (error instanceof SealedBatchError) return error.code;
        throw error;
      }
    }
  };

const reasonOf = (error: unknown): string => {
  const code = codeOf(error);
  return typeof code === 'number' || typeof code === 'string' ? `code_${code}` : 'unknown';
};
