import { randomBytes } from 'node:crypto';
import { on } from 'node:events';
import { type Message, PubSub, type Topic } from '@google-cloud/pubsub';

const ACK_SECONDS = 10;

export type DeadLetterSeen = {
  readonly reason: string | undefined;
  /** Of the message as the ledger's topic had it. */
  readonly sourceMessageId: string | undefined;
};

/** Topics of their own on the emulator: the ledger's, pushed to a writer, and the dead letters'. */
export async function createTopics(): Promise<{
  readonly ledger: Topic;
  readonly deadLetter: Topic;
  readonly pushTo: (pushEndpoint: string) => Promise<void>;
  /** Takes the next dead letter, waiting for it. */
  readonly nextDeadLetter: () => Promise<DeadLetterSeen>;
  readonly close: () => Promise<void>;
}> {
  const pubsub = new PubSub({ projectId: 'vantio-local' });
  const id = randomBytes(6).toString('hex');
  const [ledger] = await pubsub.createTopic(`ledger-${id}`);
  const [deadLetter] = await pubsub.createTopic(`dead-${id}`);
  const pushTo = async (pushEndpoint: string): Promise<void> => {
    await ledger.createSubscription(`writer-${id}`, {
      pushConfig: { pushEndpoint },
      ackDeadlineSeconds: ACK_SECONDS,
      retryPolicy: { minimumBackoff: { seconds: 0 }, maximumBackoff: { seconds: 1 } },
    });
  };
  const [letters] = await deadLetter.createSubscription(`letters-${id}`);
  const received = on(letters, 'message');
  const nextDeadLetter = async (): Promise<DeadLetterSeen> => {
    const { value } = await received.next();
    const [message] = value as unknown as readonly [Message];
    message.ack();
    const { reason, source_message_id: sourceMessageId } = message.attributes;
    return { reason, sourceMessageId };
  };
  const close = async (): Promise<void> => {
    await letters.close();
    await pubsub.close();
  };
  return { ledger, deadLetter, pushTo, nextDeadLetter, close };
}
