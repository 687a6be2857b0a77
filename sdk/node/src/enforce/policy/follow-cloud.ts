import type { KeyObject } from 'node:crypto';
import { readApiKey } from '@vantio/schema/api-key';
import type { PolicyEnvelope } from '@vantio/schema/policy/signed-policy';
import { debug } from '../../context/debug.ts';
import { guard } from '../../context/guard.ts';
import { cancel, dateNow, env, later, now } from '../../context/main-realm.ts';
import { tellStderr } from '../../context/stderr.ts';
import { currentSessionId } from '../../emit/lifecycle.ts';
import { policyEngine, spendEngine } from '../engines.ts';
import { inForce } from '../in-force.ts';
import { createPostLeases } from '../spend/post-leases.ts';
import { purse, usePurse } from '../spend/purse.ts';
import { applyPolicy } from './apply-policy.ts';
import { createFetchPolicy, type Fetched } from './fetch-policy.ts';
import { createFirstWait, FIRST_MS } from './first-wait.ts';
import type { Following } from './follow-policy.ts';
import { nextAsk } from './next-ask.ts';
import { createPolicyCache, type Kept } from './policy-cache.ts';
import { tellPolicyState } from './policy-state.ts';

/** Between two of their questions, however soon the control plane may be asked again. */
const LEAST_MS = 250;
/** Of an envelope's own members, and of what may stand around it. */
const AROUND = 64 * 1024;

type Held = { readonly envelope: PolicyEnvelope; etag: string | undefined; fetchedAt: number };

/** Pulls the policy of a key, keeps the last good one, and says in records what the process is under. */
export function followCloud(url: URL, apiKey: string): Following {
  const { judgePolicy, MAX_POLICY_BYTES, policyPhase } = policyEngine();
  const { tenantId, keyId } = readApiKey(apiKey);
  const trust = readPins();
  const cache = createPolicyCache(env.VANTIO_SPOOL_DIR || undefined, keyId, MAX_POLICY_BYTES);
  const post = createPostLeases(new URL('spend/leases', url), apiKey, currentSessionId);
  const ask = createFetchPolicy(url, apiKey, MAX_POLICY_BYTES + AROUND);
  let held: Held | undefined;
  let failures = 0;
  /** How long the control plane asked to be left alone, when it last had too much to do. */
  let busyMs: number | undefined;
  let stopped = false;
  let timer: ReturnType<typeof later> | undefined;

  // A pin that cannot be read must not become no pin.
  if (trust === undefined) {
    tellPolicyState('POLICY_REJECTED', { reason_code: 'unknown_signer' });
    return { stop: () => undefined };
  }
  const kept = cache.read();
  if (kept) takeKept(kept, trust);
  const isFresh = held !== undefined && phase(held) === 'fresh';
  if (isFresh) arm();
  else {
    const wait = createFirstWait();
    const first = askFirst().then(wait.end);
    inForce.await(Promise.race([first, wait.over]), wait.begin);
    void wait.over.then(() => {
      // The first requests go without it.
      if (!held && !stopped && failures === 0)
        tellPolicyState('POLICY_UNAVAILABLE', { reason_code: 'timeout' });
    });
  }
  return {
    stop() {
      stopped = true;
      if (timer) cancel(timer);
    },
  };

  function takeKept(from: Kept, pins: readonly KeyObject[]): void {
    try {
      take(from, pins);
    } catch (error) {
      debug('the policy on disk could not be taken', error);
    }
  }

  /** @returns whether it is in force now, or was before. */
  function take({ text, etag, fetchedAt }: Kept, pins: readonly KeyObject[]): boolean {
    const last = held && { version: held.envelope.policy.version, sha256: held.envelope.sha256 };
    const judgement = judgePolicy(text, { trust: pins, tenantId, last });
    if (judgement.verdict === 'rejected') {
      tellPolicyState('POLICY_REJECTED', { reason_code: judgement.error.code });
      return false;
    }
    const { envelope, trust: trusted } = judgement;
    held = { envelope, etag, fetchedAt };
    enter();
    if (trusted === 'transport_only') tellPolicyState('POLICY_TRANSPORT_ONLY', fieldsOf(envelope));
    return true;
  }

  /** While the first requests wait, who has too much to do is asked again as soon as they allow. Never rejects. */
  async function askFirst(): Promise<void> {
    await askOnce();
    const until = now() + FIRST_MS;
    while (!held && !stopped && busyMs !== undefined) {
      const ms = Math.max(busyMs, LEAST_MS) * (1 + Math.random() / 4);
      if (now() + ms >= until) break;
      await new Promise<void>((resolve) => later(() => resolve(), ms).unref());
      if (!stopped) await askOnce();
    }
    if (!stopped) arm();
  }

  async function refresh(): Promise<void> {
    if (!takeShared()) await askOnce();
    if (!stopped) arm();
  }

  /** What another process of this machine has asked for meanwhile need not be asked for again. @returns whether it is fresh */
  function takeShared(): boolean {
    const shared = held && cache.read();
    if (!held || !shared || !trust || shared.fetchedAt <= held.fetchedAt) return false;
    try {
      take(shared, trust);
      if (phase(held) !== 'fresh') return false;
    } catch (error) {
      debug('the policy on disk could not be taken', error);
      return false;
    }
    failures = 0;
    return true;
  }

  /** Never rejects. */
  async function askOnce(): Promise<void> {
    busyMs = undefined;
    try {
      const fetched = await ask(held?.etag);
      if (stopped || trust === undefined) return;
      settle(fetched, trust);
    } catch (error) {
      failures++;
      debug('a policy could not be taken', error);
      if (!held) tellPolicyState('POLICY_UNAVAILABLE', { reason_code: 'error' });
    }
  }

  function settle(fetched: Fetched, pins: readonly KeyObject[]): void {
    const fetchedAt = dateNow();
    if (fetched.kind === 'failed' && fetched.reason === 'overloaded') busyMs = fetched.afterMs;
    const isGood =
      fetched.kind === 'policy'
        ? take({ text: fetched.text, etag: fetched.etag, fetchedAt }, pins)
        : fetched.kind === 'unchanged' && held !== undefined;
    failures = isGood ? 0 : failures + 1;
    if (isGood && held) {
      held.fetchedAt = fetchedAt;
      if (fetched.kind === 'policy')
        cache.write({ text: fetched.text, etag: fetched.etag, fetchedAt });
      else keepTime(fetchedAt);
    }
    if (held) enter(fetched.kind === 'failed' ? fetched.reason : undefined);
    else if (fetched.kind === 'failed')
      tellPolicyState('POLICY_UNAVAILABLE', { reason_code: fetched.reason });
  }

  function keepTime(fetchedAt: number): void {
    const before = cache.read();
    if (before) cache.write({ ...before, fetchedAt });
  }

  function phase({ envelope, fetchedAt }: Held): ReturnType<typeof policyPhase> {
    return policyPhase(envelope.policy, fetchedAt, dateNow());
  }

  /** Puts what is held into force as far as its age allows, and tells of it. */
  function enter(reason?: string): void {
    if (!held) return;
    const { envelope } = held;
    if (envelope.policy.spend && !purse())
      void usePurse(spendEngine().createLeasePurse(post, tenantId));
    const now = phase(held);
    applyPolicy(envelope.policy, now === 'unavailable');
    const because = reason === undefined ? {} : { reason_code: reason };
    if (now === 'fresh') tellPolicyState('POLICY_APPLIED', fieldsOf(envelope));
    else
      tellPolicyState(now === 'stale' ? 'POLICY_STALE' : 'POLICY_UNAVAILABLE', {
        ...fieldsOf(envelope),
        ...because,
      });
  }

  function arm(): void {
    if (timer) cancel(timer);
    const ms = nextAsk(
      held && {
        maxAge: held.envelope.policy.max_age,
        expiresAt: held.envelope.policy.expires_at,
        fetchedAt: held.fetchedAt,
      },
      failures,
      dateNow(),
      busyMs,
    );
    timer = later(
      guard('asking for policy', () => void refresh()),
      ms,
    );
    timer.unref();
  }
}

const fieldsOf = ({ policy, sha256, signed }: PolicyEnvelope) => ({
  policy_version: policy.version,
  policy_sha256: sha256,
  ...(signed === undefined ? {} : { signer_id: signed.signerId }),
});

/** @returns undefined when what is pinned is no key. */
function readPins(): readonly KeyObject[] | undefined {
  try {
    return policyEngine().readTrust(env.VANTIO_TRUST ?? '');
  } catch (error) {
    tellStderr(`${(error as Error).message}; no policy is taken, calls are only observed`);
    return undefined;
  }
}
