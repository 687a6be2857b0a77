import { z } from 'zod';
import { readPushMessage } from '../writer/push-message.ts';
import type { Sweep } from './sequence.ts';

/** `find`: looks for tenants that are due. `seal`: these are. */
export type SealRequest =
  | { readonly kind: 'find'; readonly sweep: Sweep }
  | { readonly kind: 'seal'; readonly sweep: Sweep; readonly tenantIds: readonly string[] };

/** Tenants of one message, and so of one request. */
export const LIST = 25;

const sweep = z.enum(['newest', 'all']);
const findSchema = z.strictObject({ sweep });
const listSchema = z.strictObject({
  sweep,
  tenant_ids: z
    .array(z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/))
    .min(1)
    .max(LIST),
});

export const formatList = (tenantIds: readonly string[], sweep: Sweep): string =>
  JSON.stringify({ sweep, tenant_ids: tenantIds });

/** @returns undefined for a body that is neither what Scheduler sends nor a list that was pushed. */
export function readSealRequest(body: unknown): SealRequest | undefined {
  const message = readPushMessage(body);
  if (message === undefined) {
    const { data } = findSchema.safeParse(body);
    return data && { kind: 'find', sweep: data.sweep };
  }
  const { data } = listSchema.safeParse(jsonOf(message.data));
  return data && { kind: 'seal', sweep: data.sweep, tenantIds: data.tenant_ids };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
