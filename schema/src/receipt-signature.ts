import * as crypto from 'node:crypto';
import { type CanonicalValue, canonicalize } from './canonical.ts';
import type { Receipt, SignedReceipt } from './receipt.ts';
import {
  certifiedKeyOf,
  holdsCertificate,
  type ReceiptCertificate,
} from './receipt-certificate.ts';

const message = (receipt: Receipt): Buffer =>
  Buffer.from(`vantio/receipt/v1\0${canonicalize(receipt satisfies CanonicalValue)}`);

/**
 * @param privateKey Ed25519: of the log, or the one that `certificate` names.
 * @param certificate goes with the receipt.
 */
export const signReceipt = (
  receipt: Receipt,
  privateKey: crypto.KeyObject,
  certificate?: ReceiptCertificate,
): SignedReceipt => ({
  ...(certificate === undefined ? {} : { certificate }),
  receipt,
  signature: crypto.sign(null, message(receipt), privateKey).toString('hex'),
});

/**
 * Whether the log's key signed the receipt, or the key that it vouches for in the receipt's certificate. What the receipt
 * promises is judged elsewhere.
 */
export function holdsReceipt(
  { certificate, receipt, signature }: SignedReceipt,
  logKey: crypto.KeyObject,
): boolean {
  const signedBy = (key: crypto.KeyObject): boolean =>
    crypto.verify(null, message(receipt), key, Buffer.from(signature, 'hex'));
  if (certificate === undefined) return signedBy(logKey);
  const key = certifiedKeyOf(certificate, receipt);
  return key !== undefined && holdsCertificate(certificate, logKey) && signedBy(key);
}
