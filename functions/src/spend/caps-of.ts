import type { SpendSection } from '@vantio/schema/policy/policy-document';
import { readEnvelope } from '@vantio/schema/policy/signed-policy';
import type { ServedPolicy } from '../config/policy-of.ts';

export type ServedCap = SpendSection['caps'][number];
export type ServedCaps = ReadonlyMap<string, ServedCap>;

const read = new WeakMap<ServedPolicy, ServedCaps>();

/** The caps of a policy by the ids that emitters give them. */
export function capsOf(policy: ServedPolicy | undefined): ServedCaps {
  if (policy === undefined) return new Map();
  const known = read.get(policy);
  if (known) return known;
  const caps = readEnvelope(policy.envelope).policy.spend?.caps ?? [];
  const byId = new Map(caps.map((cap, at) => [cap.id ?? `spend.caps.${at}`, cap]));
  read.set(policy, byId);
  return byId;
}
