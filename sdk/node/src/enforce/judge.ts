import type { Action } from '@vantio/schema/actions';
import type { HostDecision } from '@vantio/schema/policy/decision';
import { currentSpan } from '../context/current-span.ts';
import { debug } from '../context/debug.ts';
import { microtask, now } from '../context/main-realm.ts';
import { processTrace } from '../context/process-trace.ts';
import { traceIdOf } from '../context/span.ts';
import type { Detail } from '../record/observation.ts';
import { record } from '../record/queue.ts';
import { currentAgents } from './agents.ts';
import { type BlockedCode, VantioBlockedError } from './blocked-error.ts';
import { inForce } from './in-force.ts';

/** Where a call goes to, as the program asked for it. */
export type Target =
  | {
      readonly host: string;
      readonly port: number;
      /** What the name resolved to. */
      readonly addresses?: readonly string[];
    }
  | { readonly unix: string };

export type Ruling =
  | {
      readonly kind: 'go';
      readonly needsAddresses: boolean;
      /** In dry run: it is recorded, and of this place. */
      readonly wouldRefuse?: string;
    }
  | { readonly kind: 'refused'; readonly error: VantioBlockedError };

export type Go = Extract<Ruling, { kind: 'go' }>;
export const GO: Go = { kind: 'go', needsAddresses: false };
const GO_BY_ADDRESS: Go = { kind: 'go', needsAddresses: true };

/** Fields of the record of a refusal that say what was refused. Called only for one. */
export type Describe = () => {
  readonly type: 'http_request' | 'net_connect' | 'tls_connect';
  readonly detail: Detail;
};

/** Asks policy, in the context of the caller. A refusal is recorded, once for all choke points that one call passes. */
export function judgeHost(target: Target, describe: Describe, isProxy = false): Ruling {
  const policy = inForce.policy();
  if (policy === undefined) return GO;
  let needsAddresses = false;
  for (const agent of currentAgents()) {
    const decision: HostDecision =
      'unix' in target
        ? policy.decideUnixSocket({ path: target.unix, ...named(agent) })
        : policy.decideHost({ ...target, agent });
    if (decision.verdict === 'allow') {
      if (decision.needsAddresses) needsAddresses = true;
      continue;
    }
    const { action, ruleId, reason } = decision;
    // A proxy needs no leave of its own: it is refused only where a rule names it.
    if (isProxy && ruleId === 'allowed_hosts') continue;
    tell(target, describe, action, ruleId);
    if (decision.verdict === 'block')
      return { kind: 'refused', error: refusal(action as BlockedCode, ruleId, reason) };
    return { ...GO, wouldRefuse: keyOf(target) };
  }
  return needsAddresses ? GO_BY_ADDRESS : GO;
}

const named = (agent: string | undefined): { readonly agent?: string } =>
  agent === undefined ? {} : { agent };

export const refusal = (
  code: BlockedCode,
  ruleId: string,
  reason: string,
  span = currentSpan(),
): VantioBlockedError => new VantioBlockedError(code, ruleId, reason, currentTraceId(span));

export function currentTraceId(span = currentSpan()): string | undefined {
  return span === undefined ? processTrace?.id : traceIdOf(span);
}

function tell(target: Target, describe: Describe, action: Action, ruleId: string): void {
  try {
    const { type, detail } = describe();
    const key = keyOf(target);
    if (type === 'http_request') expectSocket(key);
    else if (told.has(key)) return;
    record({
      type,
      at: now(),
      span: currentSpan(),
      action,
      detail: { ...detail, rule_id: ruleId, ...inForce.version() },
    });
  } catch (error) {
    debug('a refusal could not be recorded', error);
  }
}

const keyOf = (target: Target): string =>
  'unix' in target ? target.unix : `${target.host}:${target.port}`;

/** Where requests of this moment go of which it is recorded: of their sockets nothing new is to be told. */
const told = new Set<string>();

function expectSocket(key: string): void {
  if (told.size === 0) microtask(() => told.clear());
  told.add(key);
}

/** Says that the socket of a request that was judged before is about to be made. */
export function remind({ wouldRefuse }: Go): void {
  if (wouldRefuse !== undefined) expectSocket(wouldRefuse);
}
