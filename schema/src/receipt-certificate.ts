import * as crypto from 'node:crypto';
import { type CanonicalValue, canonicalize } from './canonical.ts';
import { publicKeyFromRaw } from './session-signature.ts';
import { isWeakKey } from './weak-keys.ts';

/** The word of a log's key for the key that signs receipts of its logs: schema/log.md, section 4. */
export type ReceiptCertificate = {
  /** What the origins of its logs begin with, up to the tenant. */
  readonly log: string;
  readonly not_after: string;
  readonly not_before: string;
  /** Raw, 64 hex digits. */
  readonly public_key: string;
  readonly signature: string;
};

export type CertifiedKey = Omit<ReceiptCertificate, 'signature'>;

/** What the log's key signs. */
export const certificateText = ({ log, not_after, not_before, public_key }: CertifiedKey): string =>
  `vantio/receipt-key/v1\0${canonicalize({ log, not_after, not_before, public_key } satisfies CanonicalValue)}`;

/** Whether the log's key signed the certificate. */
export const holdsCertificate = (
  certificate: ReceiptCertificate,
  logKey: crypto.KeyObject,
): boolean =>
  crypto.verify(
    null,
    Buffer.from(certificateText(certificate)),
    logKey,
    Buffer.from(certificate.signature, 'hex'),
  );

/**
 * The key that a certificate names, if it may sign this receipt: one of its logs, given while it was valid, by the receipt's
 * own time. Undefined otherwise. Who signed the certificate is asked elsewhere.
 */
export function certifiedKeyOf(
  { log, not_after, not_before, public_key }: CertifiedKey,
  receipt: {
    readonly origin: string;
    readonly received_at: string;
    readonly tenant_id: string;
  },
): crypto.KeyObject | undefined {
  // Instants are of one form: their order is that of their text.
  const isValid = not_before <= receipt.received_at && receipt.received_at <= not_after;
  if (!isValid || receipt.origin !== `${log}/${receipt.tenant_id}` || isWeakKey(public_key))
    return undefined;
  try {
    return publicKeyFromRaw(public_key);
  } catch {
    return undefined;
  }
}
