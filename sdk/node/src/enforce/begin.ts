import type { PolicyDocument } from '@vantio/schema/policy/policy-document';
import { debug } from '../context/debug.ts';
import { now } from '../context/main-realm.ts';
import { tellStderr } from '../context/stderr.ts';
import { record } from '../record/queue.ts';
import { refusalIn } from './blocked-error.ts';
import { isMistyped, readPolicySource } from './config.ts';
import type { Enforcement } from './enforce.ts';
import { enforceEngine, mcpEngine, policyEngine } from './engines.ts';

let enforcement: Enforcement | undefined;

/** Enforces policy if the environment names one; else nothing of the runtime is touched. */
export function beginEnforcing(): void {
  const source = readPolicySource();
  if (source === undefined) {
    if (isMistyped())
      tellStderr('VANTIO_CLOUD_INGEST is not "true": no policy is pulled, calls are only observed');
    return;
  }
  try {
    enforcement = enforceEngine().enforce(source);
  } catch (error) {
    debug('policy cannot be enforced', error);
    record({
      type: 'policy_state',
      at: now(),
      span: undefined,
      action: 'POLICY_UNAVAILABLE',
      detail: { reason_code: 'error' },
    });
  }
}

export async function endEnforcing(): Promise<void> {
  const ending = enforcement;
  enforcement = undefined;
  try {
    await ending?.stop();
  } catch (error) {
    debug('enforcing could not be undone', error);
  }
}

const document = (): PolicyDocument | undefined => enforcement && enforceEngine().currentDocument();

export type PolicyTold = {
  readonly version: number;
  readonly mode: 'enforce' | 'dry_run';
  readonly text: string;
};

/** What the policy in force allows, in words fit to hand to a model; undefined when none is in force. */
export function getPolicy(): PolicyTold | undefined {
  const policy = document();
  if (!policy) return undefined;
  const { version, mode } = policy;
  return { version, mode, text: described(policy) };
}

function described(policy: PolicyDocument): string {
  try {
    return policyEngine().describePolicy(policy);
  } catch (error) {
    debug('the policy cannot be described', error);
    return 'A policy is in force; what it allows cannot be told now.';
  }
}

/** Why a call was refused and what is allowed, in words fit to hand to a model; undefined for an error that is not ours. */
export function explain(error: unknown): string | undefined {
  const refusal = refusalIn(error);
  if (!refusal) return undefined;
  const { code, ruleId, message } = refusal;
  try {
    return policyEngine().explainRefusal({ code, ruleId, reason: message }, document());
  } catch {
    // The files of the library are gone: the reason itself is still there.
    return message;
  }
}

/** Redacts what a client of Amazon's Bedrock sends before it is signed. @returns the client */
export function guardBedrock<C>(client: C): C {
  return enforcement ? enforceEngine().guardBedrock(client) : client;
}

/**
 * Has the tools that a client of MCP calls recorded, and held to policy where one is in force.
 * @returns the client
 * @throws {TypeError} when it is none
 */
export function guardMcp<C>(client: C): C {
  if (typeof (client as { readonly connect?: unknown } | null | undefined)?.connect !== 'function')
    throw new TypeError('guardMcp: the argument is no client of MCP, for it has no connect()');
  try {
    mcpEngine().guardMcp(client);
  } catch (error) {
    debug('a client of MCP cannot be guarded', error);
  }
  return client;
}
