import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { ReceiptError, readCertificate } from '@vantio/schema/read-receipt';
import { holdsCertificate, type ReceiptCertificate } from '@vantio/schema/receipt-certificate';
import { rawPublicKey } from '@vantio/schema/session-signature';

/** The key that signs receipts, and the word of the log's key for it. */
export type ReceiptKey = {
  readonly privateKey: KeyObject;
  readonly certificate: ReceiptCertificate;
};

/** Readers would not take what this key signs. */
export class ReceiptKeyError extends Error {
  override readonly name = 'ReceiptKeyError';
  readonly code:
    | 'no_key'
    | 'no_certificate'
    | 'other_key'
    | 'other_log'
    | 'uncertified'
    | 'expired';
  constructor(code: ReceiptKeyError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

const PEM = /^(-----BEGIN PRIVATE KEY-----\n[A-Za-z0-9+/=\n]+-----END PRIVATE KEY-----)\n(.+)$/;

/** As a secret holds both, so that they change at once: the key (PKCS#8 PEM), and below it the certificate, a line of JSON. */
export const formatReceiptKey = ({ privateKey, certificate }: ReceiptKey): string =>
  `${privateKey.export({ type: 'pkcs8', format: 'pem' })}${JSON.stringify(certificate)}\n`;

/** @throws {ReceiptKeyError} */
export function parseReceiptKey(text: string): ReceiptKey {
  const [, pem, json] = PEM.exec(text.trim()) ?? [];
  if (pem === undefined || json === undefined)
    throw new ReceiptKeyError(
      'no_key',
      'the secret is not a private key (PKCS#8 PEM) with its certificate in the line below',
    );
  const privateKey = ed25519Of(pem);
  const certificate = certificateOf(json);
  if (rawPublicKey(createPublicKey(privateKey)) !== certificate.public_key)
    throw new ReceiptKeyError('other_key', 'the certificate is of another receipt key');
  return { privateKey, certificate };
}

export type CertifiedFor = {
  readonly logName: string;
  /** The log's key, or several while one is rotated out. */
  readonly logKeys: readonly KeyObject[];
  /** RFC 3339, µs, UTC. */
  readonly now: string;
};

/** @throws {ReceiptKeyError} if receipts of these logs that it signs now would not hold. */
export function requireCertified(
  { certificate }: ReceiptKey,
  { logName, logKeys, now }: CertifiedFor,
): void {
  if (certificate.log !== logName)
    throw new ReceiptKeyError('other_log', 'the receipt key is certified for other logs');
  if (!logKeys.some((key) => holdsCertificate(certificate, key)))
    throw new ReceiptKeyError('uncertified', 'the log’s key did not sign the certificate');
  if (now < certificate.not_before || now > certificate.not_after)
    throw new ReceiptKeyError('expired', 'the certificate of the receipt key is not valid now');
}

function ed25519Of(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Said below.
  }
  throw new ReceiptKeyError('no_key', 'the receipt key is not an Ed25519 private key');
}

function certificateOf(json: string): ReceiptCertificate {
  try {
    return readCertificate(JSON.parse(json));
  } catch (error) {
    if (!(error instanceof ReceiptError || error instanceof SyntaxError)) throw error;
    throw new ReceiptKeyError('no_certificate', 'below the receipt key stands no certificate');
  }
}
