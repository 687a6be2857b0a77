import type { ApiKeyClaims } from '@vantio/schema';
import type { LeaseAsk } from '@vantio/schema/spend/bucket';
import { bucketId } from '@vantio/schema/spend/bucket-id';
import { windowAt } from '@vantio/schema/spend/window';
import type { SpendRequest } from '@vantio/schema/wire/spend-leases';
import type { ServedPolicy } from '../config/policy-of.ts';
import { capsOf, type ServedCap } from './caps-of.ts';

export type PlacedAsk = {
  readonly ask: LeaseAsk;
  readonly cap: ServedCap;
  /** Key of the window. */
  readonly window: string;
};

/**
 * What an ask is about: limit and window are the policy's and this clock's, and a key can ask for its own budget alone.
 * @returns undefined when the policy that is served has no such cap.
 */
export function placeAsk(
  wanted: SpendRequest['asks'][number],
  policy: ServedPolicy | undefined,
  { keyId }: ApiKeyClaims,
  now: number,
): PlacedAsk | undefined {
  const cap = capsOf(policy).get(wanted.rule_id);
  if (cap === undefined) return undefined;
  const { key, endsAt } = windowAt(cap.window, now, wanted.trace_id);
  const subject = cap.scope === 'key' ? keyId : (wanted.subject ?? '');
  return {
    cap,
    window: key,
    ask: {
      bucket: bucketId(wanted.rule_id, `${cap.window} ${key}`, `${cap.scope} ${subject}`),
      leaseId: wanted.lease_id,
      need: wanted.need_microusd,
      want: wanted.want_microusd,
      limit: cap.limit_microusd,
      isSoft: cap.kind === 'soft' || policy?.mode === 'dry_run',
      endsAt,
    },
  };
}
