import type { Action } from '../actions.ts';
import type { PolicyDocument, ToolRule } from './policy-document.ts';

/** What an SDK's error says of a refusal. */
export type RefusalFacts = {
  readonly code: Action;
  readonly ruleId?: string | undefined;
  readonly reason?: string | undefined;
};

/** Longer lists of what is allowed are cut, and say so: the text goes into a prompt. */
const SHOWN = 20;

const ADVICE: Partial<Record<Action, string>> = {
  BLOCKED_HOST: 'Do not try this host again, by this or another spelling.',
  BLOCKED_EGRESS: 'Do not try this address again.',
  BLOCKED_MODEL: 'Do not ask for this model again.',
  BLOCKED_TOOL: 'Do not call this tool again.',
  BLOCKED_EXEC: 'Do not start this program again.',
  BLOCKED_FILE: 'Do not open this file again.',
  BLOCKED_SPEND: 'The budget is used up until its window ends. Do not try again before.',
  BLOCKED_UNAVAILABLE: 'Policy cannot be had at the moment. It may be tried again later.',
  BLOCKED_UNSCANNED:
    'The body could not be searched for personal data. Send it as plain JSON without compression.',
};

/** Of `unknown_model: block`, which no window ends. */
export const UNKNOWN_MODEL_RULE = 'spend.unknown_model';
const UNKNOWN_MODEL_ADVICE = 'Ask for a model whose price is known. Do not try this one again.';

/** Why a call was refused and what is allowed, in words fit to hand to a model. It holds nothing that the call carried. */
export function explainRefusal(
  { code, ruleId, reason }: RefusalFacts,
  policy?: PolicyDocument,
): string {
  const why =
    reason ??
    (ruleId === undefined ? 'Policy refused this.' : `Policy refused this (rule ${ruleId}).`);
  const advice = ruleId === UNKNOWN_MODEL_RULE ? UNKNOWN_MODEL_ADVICE : ADVICE[code];
  return [why, advice, policy === undefined ? undefined : allowedBy(code, policy)]
    .filter((part) => part !== undefined)
    .join(' ');
}

function allowedBy(code: Action, policy: PolicyDocument): string | undefined {
  switch (code) {
    case 'BLOCKED_HOST':
      return listed('hosts', policy.allowed_hosts, ({ host }) => host);
    case 'BLOCKED_MODEL':
      return listed('models', policy.models.allowed, ({ model }) => model);
    case 'BLOCKED_TOOL':
      return listed('tools', policy.tools.allowed, toolOf);
    default:
      return undefined;
  }
}

const toolOf = ({ tool, server }: Exclude<ToolRule, string>): string =>
  server === undefined ? tool : `${tool} of server ${server}`;

function listed<Rule extends object>(
  what: string,
  rules: readonly (string | Rule)[],
  nameOf: (rule: Rule) => string,
): string | undefined {
  if (rules.length === 0) return undefined;
  const names = rules
    .slice(0, SHOWN)
    .map((rule) => (typeof rule === 'string' ? rule : nameOf(rule)));
  const more = rules.length - names.length;
  return `Allowed ${what}: ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`;
}

/** What an agent may ask for before it acts: the same lists, without having been refused. */
export function describePolicy(policy: PolicyDocument): string {
  const lines = [
    policy.mode === 'dry_run' ? 'Policy is in dry run: nothing is refused.' : undefined,
    listed('hosts', policy.allowed_hosts, ({ host }) => host),
    blocked('hosts', policy.blocked_hosts, ({ host }) => host),
    listed('models', policy.models.allowed, ({ model }) => model),
    blocked('models', policy.models.blocked, ({ model }) => model),
    listed('tools', policy.tools.allowed, toolOf),
    blocked('tools', policy.tools.blocked, toolOf),
    policy.redact_pii === undefined ? undefined : 'Personal data is redacted from what is sent.',
    (policy.spend?.caps.length ?? 0) > 0 ? 'Spending on models is capped.' : undefined,
  ].filter((line) => line !== undefined);
  return lines.length === 0 ? 'Policy allows everything.' : lines.join(' ');
}

function blocked<Rule extends object>(
  what: string,
  rules: readonly (string | Rule)[],
  nameOf: (rule: Rule) => string,
): string | undefined {
  return listed(what, rules, nameOf)?.replace('Allowed', 'Blocked');
}
