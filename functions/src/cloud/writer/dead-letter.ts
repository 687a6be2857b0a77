import type { Topic } from '@google-cloud/pubsub';

export type DeadLetterMessage = {
  /** As it came. */
  readonly data: string;
  /** Id under which the ledger topic had it. */
  readonly messageId: string;
  /** Machine-readable; native dead-lettering gives none. */
  readonly reason: string;
};

/** Resolves when Pub/Sub has taken the message. */
export type DeadLetter = (message: DeadLetterMessage) => Promise<void>;

export const createDeadLetter =
  (topic: Pick<Topic, 'publishMessage'>): DeadLetter =>
  async ({ data, messageId, reason }) => {
    await topic.publishMessage({
      data: Buffer.from(data),
      attributes: { reason, source_message_id: messageId },
    });
  };
