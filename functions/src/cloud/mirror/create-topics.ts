import { randomBytes } from 'node:crypto';

export type MirrorTopics = {
  /** projects/P/topics/T */
  readonly ledger: string;
  readonly deadLetter: string;
  /** Subscribes a writer to the ledger's topic. */
  readonly pushTo: (pushEndpoint: string) => Promise<void>;
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
  await deadLetter.createSubscription(`vantio-dead-letter-${id}`);
  return {
    ledger: ledger.name,
    deadLetter: deadLetter.name,
    pushTo: async (pushEndpoint) => {
      await ledger.createSubscription(`vantio-ledger-writer-${id}`, {
        pushConfig: { pushEndpoint },
        ackDeadlineSeconds: ACK_SECONDS,
        retryPolicy: { minimumBackoff: { seconds: 0 }, maximumBackoff: { seconds: 1 } },
      });
    },
    close: () => void pubsub.close(),
  };
}
