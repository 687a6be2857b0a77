import { createPrivateKey } from 'node:crypto';
import type { Topic } from '@google-cloud/pubsub';
import { atEnd } from '../drain/at-end.ts';
import { setting } from '../environment.ts';
import { createReadSecret } from '../secrets/read-secret.ts';
import { createRefreshed } from '../secrets/refreshed.ts';
import { openTopic } from './open-topic.ts';
import { createPublishBatch, type PublishBatch } from './publish-batch.ts';

/**
 * How a function that has no ledger of its own puts its records there, from the environment. Its keys are read and the topic is opened
 * by the first record: a start without one need not wait for them.
 */
export function createControlPublisher() {
  const path = setting('VANTIO_LEDGER_TOPIC');
  const readSigner = createReadSecret({ name: setting('VANTIO_INGEST_KEY_SECRET') });
  const signer = createRefreshed({ load: async () => createPrivateKey(await readSigner()) });
  const readControlKey = createReadSecret({ name: setting('VANTIO_CONTROL_KEY_SECRET') });
  const controlKey = createRefreshed({ load: readControlKey });
  const first: (readonly [what: string, close: () => Promise<void>])[] = [];
  let opened: Promise<Topic> | undefined;

  async function open(): Promise<Topic> {
    const topic = await openTopic(path);
    atEnd('the topic', () => topic.flush());
    for (const [what, close] of first) atEnd(what, close);
    return topic;
  }

  const publish: PublishBatch = async (header, lines) => {
    opened ??= open();
    await createPublishBatch({ topic: await opened, signer })(header, lines);
  };

  return {
    controlKey,
    publish,
    /** Has something closed before the topic is, if that was ever opened. */
    beforeEnd: (what: string, close: () => Promise<void>): void => void first.push([what, close]),
  };
}
