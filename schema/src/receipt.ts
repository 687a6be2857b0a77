import * as crypto from 'node:crypto';
import { z } from 'zod';
import { type CanonicalValue, canonicalize } from './canonical.ts';
import { hex, instant, uuid7 } from './fields/alphabets.ts';

/** What ingest promises: schema/log.md, section 4. */
export const receiptSchema = z.strictObject({
  events: z
    .array(z.strictObject({ event_id: uuid7(), record_hash: hex(64) }))
    .min(1)
    .describe('Every record of the batch, in its order.'),
  key_id: z.string().describe('Id of the API key that the batch came under.'),
  merge_by: instant().describe('When at the latest a checkpoint of the log covers all of them.'),
  origin: z.string().min(1).max(255).describe('Of the log.'),
  received_at: instant(),
  tenant_id: z.string(),
});

export const signedReceiptSchema = z
  .strictObject({
    receipt: receiptSchema,
    signature: hex(128).describe(
      'Ed25519 of the log’s key over "vantio/receipt/v1", a zero byte, and the receipt in RFC 8785 form.',
    ),
  })
  .meta({ id: 'SignedReceipt' });

export type Receipt = z.infer<typeof receiptSchema>;
export type SignedReceipt = z.infer<typeof signedReceiptSchema>;

const message = (receipt: Receipt): Buffer =>
  Buffer.from(`vantio/receipt/v1\0${canonicalize(receipt satisfies CanonicalValue)}`);

/** @param privateKey Ed25519, of the log. */
export const signReceipt = (receipt: Receipt, privateKey: crypto.KeyObject): SignedReceipt => ({
  receipt,
  signature: crypto.sign(null, message(receipt), privateKey).toString('hex'),
});

/** Whether the log's key signed the receipt. What it promises is judged elsewhere. */
export const holdsReceipt = (
  { receipt, signature }: SignedReceipt,
  publicKey: crypto.KeyObject,
): boolean => crypto.verify(null, message(receipt), publicKey, Buffer.from(signature, 'hex'));
