import { z } from 'zod';

/** What Pub/Sub pushes (https://cloud.google.com/pubsub/docs/push): other members are ignored, as new ones may come. */
const pushSchema = z.object({
  message: z.object({
    data: z.base64().optional(),
    messageId: z.string().regex(/^[A-Za-z0-9._:/@+-]{1,128}$/),
  }),
});

export type PushMessage = { readonly messageId: string; readonly data: string };

/** @returns undefined for a body that is no push. */
export function readPushMessage(body: unknown): PushMessage | undefined {
  const result = pushSchema.safeParse(body);
  if (!result.success) return undefined;
  const { messageId, data = '' } = result.data.message;
  return { messageId, data: Buffer.from(data, 'base64').toString('utf8') };
}
