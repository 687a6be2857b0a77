import { randomUUID } from 'node:crypto';
import type { CloudParts } from './cloud-parts.ts';

/** Delivers a message to a writer as Pub/Sub does. @returns its status; undefined when the writer died meanwhile. */
export async function push(
  { pushToken }: Pick<CloudParts, 'pushToken'>,
  url: string,
  data: string | Buffer,
  messageId: string = randomUUID(),
): Promise<number | undefined> {
  const body = JSON.stringify({
    message: { data: Buffer.from(data).toString('base64'), messageId },
    subscription: 'projects/vantio-local/subscriptions/writer',
  });
  try {
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', authorization: pushToken() },
    });
    return response.status;
  } catch {
    return undefined;
  }
}

const MOST_DELIVERIES = 50;

/** Delivers until the writer acknowledges, as Pub/Sub does. @returns what was answered, in order. */
export async function pushUntilAcknowledged(
  parts: Pick<CloudParts, 'pushToken'>,
  url: string,
  data: string | Buffer,
): Promise<readonly (number | undefined)[]> {
  const answers: (number | undefined)[] = [];
  while (answers.at(-1) !== 204) {
    if (answers.length === MOST_DELIVERIES) throw new Error(`never acknowledged: ${answers}`);
    answers.push(await push(parts, url, data));
  }
  return answers;
}
