import type { Action } from '../actions.ts';

type Subject = 'HOST' | 'MODEL' | 'TOOL' | 'EGRESS' | 'EXEC' | 'FILE';

/**
 * What policy says of one call. `block`: refuse it before a byte leaves, and record `action`. `would_block`: let it go, and record
 * `action`; policy is in dry run. An action of `…_UNAVAILABLE` means that the rule was held to though policy cannot be had.
 */
export type Decision<S extends Subject> =
  | {
      readonly verdict: 'allow';
      /** Only of a host: nothing by its name forbids it. Ask again with the addresses it resolves to before connecting. */
      readonly needsAddresses?: true;
    }
  | Refusal<'block', `BLOCKED_${S}` | 'BLOCKED_UNAVAILABLE'>
  | Refusal<'would_block', `WOULD_BLOCK_${S}` | 'WOULD_BLOCK_UNAVAILABLE'>;

export type Refusal<Verdict extends 'block' | 'would_block', A extends Action> = {
  readonly verdict: Verdict;
  readonly action: A;
  /** Of the record, too: `rule_id`. */
  readonly ruleId: string;
  /** Fit to hand to the agent, and to a model: one or two sentences that quote no content. */
  readonly reason: string;
};

export type HostDecision = Decision<'HOST'>;
export type ModelDecision = Decision<'MODEL'>;
export type ToolDecision = Decision<'TOOL'>;
export type EgressDecision = Decision<'EGRESS' | 'HOST'>;
export type ExecDecision = Decision<'EXEC'>;
export type FileDecision = Decision<'FILE'>;

export const ALLOW: { readonly verdict: 'allow' } = { verdict: 'allow' };

/** How refusals are put, which is one for a whole compiled policy. */
export type Refuse = <S extends Subject>(
  subject: S,
  ruleId: string,
  reason: string,
) => Exclude<Decision<S>, { readonly verdict: 'allow' }>;

export function refuseBy(mode: 'enforce' | 'dry_run', isUnavailable: boolean): Refuse {
  return <S extends Subject>(subject: S, ruleId: string, reason: string) => {
    const cause = isUnavailable ? 'UNAVAILABLE' : subject;
    const refusal =
      mode === 'enforce'
        ? { verdict: 'block', action: `BLOCKED_${cause}`, ruleId, reason }
        : { verdict: 'would_block', action: `WOULD_BLOCK_${cause}`, ruleId, reason };
    return refusal as Exclude<Decision<S>, { readonly verdict: 'allow' }>;
  };
}
