import * as crypto from 'node:crypto';
import { type CanonicalValue, canonicalize } from './canonical.ts';
import type { Receipt, SignedReceipt } from './receipt.ts';

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
