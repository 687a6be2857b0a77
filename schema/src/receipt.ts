import { z } from 'zod';
import { isCalendarDay } from './calendar.ts';
import { hex, instant, tenantId, uuid7 } from './fields/alphabets.ts';

export { holdsReceipt, signReceipt } from './receipt-signature.ts';

const time = () => instant().refine(isCalendarDay, 'names a day that does not exist');

/** What ingest promises: schema/log.md, section 4. */
export const receiptSchema = z.strictObject({
  events: z
    .array(z.strictObject({ event_id: uuid7(), record_hash: hex(64) }))
    .min(1)
    .describe('Every record of the batch, in its order.'),
  key_id: hex(16).describe('Id of the API key that the batch came under.'),
  merge_by: time().describe('When at the latest a checkpoint of the log covers all of them.'),
  origin: z.string().min(1).max(255).describe('Of the log.'),
  received_at: time(),
  tenant_id: tenantId(),
});

/** A log's key vouches for the key that signs its receipts, where that is another. */
export const receiptCertificateSchema = z.strictObject({
  log: z
    .string()
    .min(1)
    .max(191)
    .describe('Its logs: the origin of each is this, a slash, and the tenant.'),
  not_after: time().describe('Of received_at, in receipts that it may sign.'),
  not_before: time(),
  public_key: hex(64).describe('Ed25519, raw.'),
  signature: hex(128).describe(
    'Ed25519 of the log’s key over "vantio/receipt-key/v1", a zero byte, and the other members in RFC 8785 form.',
  ),
});

export const signedReceiptSchema = z
  .strictObject({
    certificate: receiptCertificateSchema
      .optional()
      .describe('Of the key that signed, where it is not the log’s own.'),
    receipt: receiptSchema,
    signature: hex(128).describe(
      'Ed25519 of the log’s key, or of the certified one, over "vantio/receipt/v1", a zero byte, and the receipt in RFC 8785 form.',
    ),
  })
  .meta({ id: 'SignedReceipt' });

export type Receipt = z.infer<typeof receiptSchema>;
export type SignedReceipt = z.infer<typeof signedReceiptSchema>;
