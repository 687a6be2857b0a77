import type { OnUnavailable, RuleFields } from './rule-fields.ts';

/** A rule in the lists that are searched. */
export type HeldRule = {
  /** Its id, or its place such as `blocked_hosts.0`. */
  readonly ruleId: string;
  readonly reason?: string;
  readonly agents?: ReadonlySet<string>;
  readonly port?: number;
};

/** Which rules of a document are held: while policy cannot be had, those that are closed. */
export type Holding = {
  readonly isUnavailable: boolean;
  readonly byDefault: OnUnavailable;
};

export const isHeld = (
  { isUnavailable, byDefault }: Holding,
  onUnavailable: OnUnavailable | undefined,
): boolean => !isUnavailable || (onUnavailable ?? byDefault) === 'closed';

/** @param place id of a rule that has none. */
export function heldRule(rule: string | RuleFields, place: string, port?: number): HeldRule {
  const { id, reason, agents } = typeof rule === 'string' ? ({} as RuleFields) : rule;
  return {
    ruleId: id ?? place,
    ...(reason === undefined ? {} : { reason }),
    ...(agents === undefined ? {} : { agents: new Set(agents) }),
    ...(port === undefined ? {} : { port }),
  };
}

export const isFor = (rule: HeldRule, agent: string | undefined): boolean =>
  rule.agents === undefined || (agent !== undefined && rule.agents.has(agent));

/** Whether any of the rules holds for an agent, asked without looking at each. */
export function governing(
  rules: readonly { readonly rule: HeldRule }[],
): (agent: string | undefined) => boolean {
  const agents = new Set<string>();
  let isForAll = false;
  for (const { rule } of rules)
    if (rule.agents === undefined) isForAll = true;
    else for (const agent of rule.agents) agents.add(agent);
  return (agent) => isForAll || (agent !== undefined && agents.has(agent));
}
