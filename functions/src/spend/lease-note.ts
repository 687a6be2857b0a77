import { instantFromMicros } from '@vantio/schema';
import type { LeaseOutcome } from '@vantio/schema/spend/bucket';
import type { ServedPolicy } from '../config/policy-of.ts';
import type { Caller } from '../door/doorkeeper.ts';
import type { ControlNote } from '../ingest/ledger-store.ts';
import type { PlacedAsk } from './place-ask.ts';

/** The record of a lease: whose it is, of which cap, how much and until when. */
export const leaseNote = (
  { cap }: PlacedAsk,
  { amount, used, expiresAt }: Extract<LeaseOutcome, { status: 'granted' }>,
  { claims }: Caller,
  policy: ServedPolicy,
  sessionId: string | undefined,
): ControlNote => ({
  event_type: 'spend_lease',
  action_taken: 'RECORDED',
  reserved_microusd: amount,
  spend_window: cap.window,
  spend_scope: cap.scope,
  spend_limit_microusd: cap.limit_microusd,
  spend_used_microusd: used,
  subject_key_id: claims.keyId,
  ...(sessionId === undefined ? {} : { subject_session_id: sessionId }),
  expires_at: instantFromMicros(expiresAt * 1000),
  policy_version: policy.version,
});
