import type { Span } from '../context/span.ts';
import { currentAgents } from './agents.ts';
import type { BlockedCode, VantioBlockedError } from './blocked-error.ts';
import { inForce } from './in-force.ts';
import { refusal } from './judge.ts';

/** What policy says of one call of a tool. */
export type ToolRuling = {
  readonly action: 'OBSERVED' | 'ALLOWED' | 'BLOCKED_TOOL' | 'WOULD_BLOCK_TOOL';
  readonly ruleId?: string;
  /** What the caller gets; there is one only where the call is refused. */
  readonly error?: VantioBlockedError;
};

/** Asks policy, in the context of the caller: the call is held to the rules of every shield that it is in. */
export function judgeTool(
  tool: string,
  server: string | undefined,
  span: Span | undefined,
): ToolRuling {
  const policy = inForce.policy();
  if (policy === undefined) return { action: 'OBSERVED' };
  for (const agent of currentAgents(span)) {
    const decision = policy.decideTool({ tool, server, agent });
    if (decision.verdict === 'allow') continue;
    const { verdict, action, ruleId, reason } = decision;
    // Version 1 of the record knows of tools no action for "policy cannot be had": policy_state records say it.
    if (verdict === 'would_block') return { action: 'WOULD_BLOCK_TOOL', ruleId };
    const error = refusal(action as BlockedCode, ruleId, reason, span);
    return { action: 'BLOCKED_TOOL', ruleId, error };
  }
  return { action: 'ALLOWED' };
}
