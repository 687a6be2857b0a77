import type { KeyObject } from 'node:crypto';
import type { PolicyDocument } from './policy-document.ts';
import { PolicyError } from './policy-error.ts';
import { type PolicyEnvelope, readEnvelope, signatureHolds } from './signed-policy.ts';

/** How far a policy may be relied on at a moment. */
export type PolicyPhase =
  /** Asked for within `max_age`, and not expired. */
  | 'fresh'
  /** Past `max_age` or `expires_at`, within `stale_if_error`: it holds, and records say POLICY_STALE. */
  | 'stale'
  /** Past that: only rules that are closed hold, and records say POLICY_UNAVAILABLE. */
  | 'unavailable';

export type SeenVersion = { readonly version: number; readonly sha256: string };

export type PolicyJudgement =
  | {
      readonly verdict: 'accepted';
      readonly envelope: PolicyEnvelope;
      /** signed: under a pinned key. transport_only: no key is pinned, so whoever serves it wrote it. */
      readonly trust: 'signed' | 'transport_only';
    }
  | { readonly verdict: 'rejected'; readonly error: PolicyError };

export type JudgeOptions = {
  /** Pinned keys; none: transport only. */
  readonly trust: readonly KeyObject[];
  /** Of the API key. */
  readonly tenantId: string;
  /** Of the highest version taken so far, kept over restarts. */
  readonly last?: SeenVersion | undefined;
};

/** Whether an emitter takes a policy that was served, or lay on disk. The text may be an attacker's. */
export function judgePolicy(text: string, options: JudgeOptions): PolicyJudgement {
  try {
    const envelope = readEnvelope(text);
    return { verdict: 'accepted', envelope, trust: judgeEnvelope(envelope, options) };
  } catch (error) {
    if (error instanceof PolicyError) return { verdict: 'rejected', error };
    throw error;
  }
}

function judgeEnvelope(
  envelope: PolicyEnvelope,
  { trust, tenantId, last }: JudgeOptions,
): 'signed' | 'transport_only' {
  if (envelope.tenantId !== tenantId)
    throw new PolicyError(
      'bad_envelope',
      'tenant_id',
      "is not the API key's: the policy is another tenant's",
    );
  if (trust.length > 0) requireSignature(envelope, trust);
  const { version } = envelope.policy;
  if (last !== undefined && version < last.version)
    throw new PolicyError(
      'rolled_back',
      'version',
      'is below one that was in force: publish the older rules under a new version',
    );
  if (last !== undefined && version === last.version && envelope.sha256 !== last.sha256)
    throw new PolicyError(
      'rolled_back',
      'version',
      'is one that was in force with other rules: every change needs a new version',
    );
  return trust.length > 0 ? 'signed' : 'transport_only';
}

function requireSignature(envelope: PolicyEnvelope, trust: readonly KeyObject[]): void {
  if (envelope.signed === undefined)
    throw new PolicyError(
      'unknown_signer',
      '',
      'the policy is not signed, and VANTIO_TRUST pins a key',
    );
  if (trust.some((key) => signatureHolds(envelope, key))) return;
  throw new PolicyError(
    'bad_signature',
    'signature',
    'holds under no key that VANTIO_TRUST pins: sign with the key that belongs to it, or pin the new one',
  );
}

/**
 * @param fetchedAt when it was last served or confirmed, milliseconds since 1970.
 * @param now the same clock; one that went back counts as no time passed.
 */
export function policyPhase(
  { max_age: maxAge, stale_if_error: staleIfError, expires_at: expiresAt }: PolicyDocument,
  fetchedAt: number,
  now: number,
): PolicyPhase {
  const expiry = expiresAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(expiresAt);
  const staleFrom = Math.min(Math.max(fetchedAt, 0) + maxAge * 1000, expiry);
  if (now < staleFrom) return 'fresh';
  return now < staleFrom + staleIfError * 1000 ? 'stale' : 'unavailable';
}
