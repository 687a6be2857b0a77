import { randomBytes } from 'node:crypto';
import type { Topic } from '@google-cloud/pubsub';

export type MirrorTopics = {
  /** projects/P/topics/T */
  readonly ledger: string;
  readonly deadLetter: string;
  readonly seal: string;
  /** Subscribes a writer to the ledger's topic. */
  readonly pushTo: (pushEndpoint: string) => Promise<void>;
  /** Subscribes a sealer to the topic of the lists of tenants. */
  readonly pushSealsTo: (pushEndpoint: string) => Promise<void>;
  readonly close: () => void;
};

const ACK_SECONDS = 60;

/** Makes the topics on the Pub/Sub emulator, under names that nobody else has. */
export async function createTopics(projectId: string): Promise<MirrorTopics> {
  const { PubSub } = await import('@google-cloud/pubsub');
  const pubsub = new PubSub({ projectId });
  const id = randomBytes(6).toString('hex');
  const [ledger] = await pubsub.createTopic(`vantio-ledger-${id}`);
  const [deadLetter] = await pubsub.createTopic(`vantio-dead-letter-${id}`);
  const [seal] = await pubsub.createTopic(`vantio-seal-${id}`);
  const push = async (topic: Topic, name: string, pushEndpoint: string): Promise<void> => {
    await topic.createSubscription(`${name}-${id}`, {
      pushConfig: { pushEndpoint },
      ackDeadlineSeconds: ACK_SECONDS,
      retryPolicy: { minimumBackoff: { seconds: 0 }, maximumBackoff: { seconds: 1 } },
    });
  };
  await deadLetter.createSubscription(`vantio-dead-letter-${id}`);
  return {
    ledger: ledger.name,
    deadLetter: deadLetter.name,
    seal: seal.name,
    pushTo: (pushEndpoint) => push(ledger, 'vantio-ledger-writer', pushEndpoint),
    pushSealsTo: (pushEndpoint) => push(seal, 'vantio-sealer', pushEndpoint),
    close: () => void pubsub.close(),
  };
}
