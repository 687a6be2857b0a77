import { generateKeyPairSync } from 'node:crypto';
import { instantFromMicros } from '@vantio/schema';
import { certificateText } from '@vantio/schema/receipt-certificate';
import { rawPublicKey } from '@vantio/schema/session-signature';
import { formatReceiptKey, type ReceiptKey } from './receipt-key.ts';

export type MakeReceiptKeyOptions = {
  readonly logName: string;
  /** By the log's key. */
  readonly sign: (text: string) => Promise<Uint8Array> | Uint8Array;
  readonly days: number;
  /** Milliseconds since 1970. */
  readonly now?: number;
};

const HOUR_MICROS = 3_600_000_000;

/** A new key that signs receipts of these logs, certified by their key, as the secret holds it. */
export async function makeReceiptKey(
  options: MakeReceiptKeyOptions,
): Promise<ReceiptKey & { readonly text: string }> {
  const { logName, sign, days, now = Date.now() } = options;
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const certified = {
    log: logName,
    not_after: instantFromMicros(now * 1000 + days * 24 * HOUR_MICROS),
    // The clock of an instance may be behind ours.
    not_before: instantFromMicros(now * 1000 - HOUR_MICROS),
    public_key: rawPublicKey(publicKey),
  };
  const signature = Buffer.from(await sign(certificateText(certified))).toString('hex');
  const made = { privateKey, certificate: { ...certified, signature } };
  return { ...made, text: formatReceiptKey(made) };
}
