import { z } from 'zod';
import { hex, instant, uuid7 } from '../fields/alphabets.ts';
import { signedReceiptSchema } from '../receipt.ts';

export const EVENT_STATUSES = ['accepted', 'duplicate', 'conflict'] as const;
export type EventStatus = (typeof EVENT_STATUSES)[number];

/** What ingest answers once every record of a batch is on durable storage. */
export const ingestAnswerSchema = z
  .strictObject({
    events: z
      .array(
        z.strictObject({
          event_id: uuid7(),
          status: z
            .enum(EVENT_STATUSES)
            .describe(
              'accepted: new. duplicate: these very bytes were there. conflict: kept, but another record holds its place.',
            ),
        }),
      )
      .describe('One for each record of the batch, in its order.'),
    receipt: signedReceiptSchema
      .optional()
      .describe('The promise to log the batch, signed with the key of the log: keep it.'),
    received_at: instant().describe("The control plane's clock when the batch was taken in."),
    signatures: z
      .record(hex(32), hex(64))
      .describe(
        'HMAC-SHA256 over each trace id of the batch, keyed by the API key. It proves no storage.',
      ),
  })
  .meta({ id: 'IngestAnswer' });

export type IngestAnswer = z.infer<typeof ingestAnswerSchema>;
