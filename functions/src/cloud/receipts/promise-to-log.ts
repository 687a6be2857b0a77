import type { KeyObject } from 'node:crypto';
import { instantFromMicros } from '@vantio/schema';
import { signReceipt } from '@vantio/schema/receipt-signature';
import { CLOUD_MERGE_MINUTES } from '@vantio/schema/wire/limits';
import type { PromiseToLog } from '../../ingest/handler.ts';
import { receiptOf } from '../../ingest/receipt-of.ts';
import { createRefreshed } from '../secrets/refreshed.ts';
import { parseReceiptKey, type ReceiptKey, requireCertified } from './receipt-key.ts';

export type CloudPromiseOptions = {
  readonly readSecret: () => Promise<string>;
  readonly logName: string;
  readonly logKeys: readonly KeyObject[];
  readonly onFault: (message: string, error: unknown) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
};

const MERGE_MICROS = CLOUD_MERGE_MINUTES * 60_000_000;

/**
 * Signs that a batch will be in its tenant's log within ten minutes. The batch is in Pub/Sub by then: without a key that readers
 * would take it is answered all the same, without a receipt, and the operator is told once each time the secret was read.
 */
export function createCloudPromise(options: CloudPromiseOptions): PromiseToLog {
  const { readSecret, logName, logKeys, onFault, now = Date.now } = options;

  const key = createRefreshed({
    load: async (): Promise<ReceiptKey | undefined> => {
      try {
        const loaded = parseReceiptKey(await readSecret());
        requireCertified(loaded, { logName, logKeys, now: instantFromMicros(now() * 1000) });
        return loaded;
      } catch (error) {
        onFault('batches are answered without a receipt', error);
        return undefined;
      }
    },
    now,
  });

  // The first batch need not wait for the secret.
  void key();
  return async (records, receivedAt, claims) => {
    const signer = await key();
    if (signer === undefined || receivedAt > signer.certificate.not_after) return undefined;
    const origin = `${logName}/${claims.tenantId}`;
    const receipt = receiptOf(records, receivedAt, claims, { origin, mergeMicros: MERGE_MICROS });
    return signReceipt(receipt, signer.privateKey, signer.certificate);
  };
}
