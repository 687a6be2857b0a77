import type { Topic } from '@google-cloud/pubsub';
import { atEnd } from '../drain/at-end.ts';
import { SettingError } from '../environment.ts';

const PATH = /^projects\/([^/]+)\/topics\/([^/]+)$/;
/** What is little waits this long for company; some eighty records are enough of a request and go at once. */
const BATCHING = { maxMessages: 10, maxBytes: 64 * 1024, maxMilliseconds: 2 };
/** Then the client is told to come again: it has 30 s. */
const PUBLISH_MILLIS = 15_000;

/** @param path projects/P/topics/T */
export async function openTopic(path: string): Promise<Topic> {
  const [, projectId, name] = PATH.exec(path) ?? [];
  if (projectId === undefined || name === undefined)
    throw new SettingError(`the topic is not of the form ${PATH.source}`);
  const { PubSub } = await import('@google-cloud/pubsub');
  const client = new PubSub({ projectId });
  atEnd('the Pub/Sub client', () => client.close());
  return client.topic(name, {
    batching: BATCHING,
    gaxOpts: { timeout: PUBLISH_MILLIS },
  });
}
