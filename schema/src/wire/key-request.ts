import { z } from 'zod';
import { hex, tenantId } from '../fields/alphabets.ts';
import { PLANS } from '../plans.ts';

/** What the keymaker is asked for: `POST /keys`. */
export const keyRequestSchema = z.strictObject({
  tenant_id: tenantId(),
  plan: z.enum(PLANS),
  expires_at: z.iso.datetime().optional().describe('RFC 3339, UTC; seconds count. Absent: never.'),
});

export type KeyRequest = z.infer<typeof keyRequestSchema>;

/** What it answers: the one time that the key is seen. */
export type KeyAnswer = {
  readonly api_key: string;
  readonly key_id: string;
  readonly signer_id: string;
} & KeyRequest;

const MAX_AT_ONCE = 1000;

/** `POST /revocations`. Without an id it only makes the first list, without which nobody is let in. */
export const revocationRequestSchema = z.strictObject({
  key_ids: z.array(hex(16)).max(MAX_AT_ONCE),
});

export type RevocationAnswer = {
  /** Of the list that is in force within sixty seconds. */
  readonly version: number;
  /** How many of the ids were not revoked yet. */
  readonly added: number;
  readonly revoked: number;
};
