import type { KeyObject } from 'node:crypto';
import type { Topic } from '@google-cloud/pubsub';
import { instantFromMicros } from '@vantio/schema';
import {
  type Batch,
  type LedgerStore,
  linesOf,
  QuotaExceededError,
  type Receipt,
  StoreUnavailableError,
} from '../../ingest/ledger-store.ts';
import { isCounted } from '../../ingest/quota.ts';
import { measure } from '../metrics/measure.ts';
import type { CountRequest, MonthlyCounts } from '../redis/monthly-counts.ts';
import { createNotePublisher } from './note-publisher.ts';
import { createPublishBatch } from './publish-batch.ts';

export type PubSubStoreOptions = {
  readonly topic: Pick<Topic, 'publishMessage' | 'flush'>;
  /** Ingest's own Ed25519 key; asked for each batch, so that a new one is used without a restart. */
  readonly signer: () => Promise<KeyObject>;
  readonly counts: MonthlyCounts;
  /** The control plane's own API key, for its own records. */
  readonly controlKey: () => Promise<string>;
  readonly onFault: (message: string, error: unknown) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
};

const RETRY_SECONDS = 5;

/**
 * The ledger as a topic: a batch is taken when Pub/Sub has acknowledged every message that it makes. Nothing here can see
 * the ledger, so every record is `accepted`; a duplicate is stored once all the same, and a conflict is found by the sealer.
 */
export function createPubSubStore(options: PubSubStoreOptions): LedgerStore {
  const { topic, signer, counts, controlKey, onFault, now = Date.now } = options;
  const instant = (): string => instantFromMicros(now() * 1000);

  const publishLines = createPublishBatch({ topic, signer });
  const publish = async (batch: Batch, receivedAt: string): Promise<void> => {
    const [first] = batch.records;
    if (!first) return;
    await publishLines(
      { tenant_id: batch.tenantId, key_id: first.record.key_id, received_at: receivedAt },
      linesOf(batch),
    );
  };

  /** @returns what was counted now, and is to be given back if the batch goes nowhere. */
  const count = async (
    { tenantId, records, monthlyLimit }: Batch,
    receivedAt: string,
    events: number,
  ): Promise<CountRequest | undefined> => {
    if (monthlyLimit === undefined || events === 0) return undefined;
    const hashes = records.map(({ hash }) => hash);
    const request = { tenantId, receivedAt, hashes, events, monthlyLimit };
    const taken = await counts.take(request);
    if (taken === 'over') throw new QuotaExceededError(events);
    return taken === 'counted' ? request : undefined;
  };

  const append = async (batch: Batch): Promise<Receipt> => {
    const receivedAt = instant();
    const events = batch.records.filter(({ record }) => isCounted(record.event_type)).length;
    const counted = await count(batch, receivedAt, events);
    const began = performance.now();
    const took = (outcome: 'ok' | 'failed'): void =>
      measure('vantio.publish.duration', (performance.now() - began) / 1000, { outcome });
    try {
      await publish(batch, receivedAt);
    } catch (error) {
      took('failed');
      // If Pub/Sub has it after all, the reconciliation finds it in the ledger.
      if (counted) await counts.giveBack(counted).catch(() => {});
      onFault('a batch could not be published', error);
      throw new StoreUnavailableError('Pub/Sub did not take the batch', RETRY_SECONDS, error);
    }
    took('ok');
    measure('vantio.events.accepted', batch.records.length, {});
    measure('vantio.batch.records', batch.records.length, {});
    return { receivedAt, statuses: batch.records.map(() => 'accepted') };
  };

  const notes = createNotePublisher({
    controlKey,
    publish: (batch) => publish(batch, instant()),
    onFault,
  });

  return {
    append,
    note: notes.note,
    countedThisMonth: (tenantId) => counts.of(tenantId, instant()),
    close: async () => {
      await notes.close();
      await topic.flush();
    },
  };
}
