import type { KeyObject } from 'node:crypto';
import type { Topic } from '@google-cloud/pubsub';
import { type BatchHeader, sealBatch } from '@vantio/schema/wire/sealed-batch';
import { messagesOf } from './messages-of.ts';

export type PublishBatchOptions = {
  readonly topic: Pick<Topic, 'publishMessage'>;
  /** An Ed25519 key that the writer trusts; asked for each batch, so that a new one is used without a restart. */
  readonly signer: () => Promise<KeyObject>;
};

/** Resolves when Pub/Sub has acknowledged every message that the lines make. */
export type PublishBatch = (
  header: Omit<BatchHeader, 'records'>,
  lines: readonly string[],
) => Promise<void>;

export const createPublishBatch =
  ({ topic, signer }: PublishBatchOptions): PublishBatch =>
  async (header, lines) => {
    const key = await signer();
    const messages = messagesOf(lines).map((part) => Buffer.from(sealBatch(header, part, key)));
    await Promise.all(messages.map((data) => topic.publishMessage({ data })));
  };
