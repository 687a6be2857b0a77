import { currentAgents } from '../agents.ts';
import type { Outgoing } from '../body/body-guard.ts';
import { type Known, modelInPath } from '../body/provider.ts';
import type { After } from '../body/reviewer.ts';
import type { Usage } from '../body/usage.ts';
import { spendEngine } from '../engines.ts';
import { inForce } from '../in-force.ts';
import { currentTraceId } from '../judge.ts';
import { budgetsOf } from './budgets-of.ts';
import { NO_TRACE } from './no-trace.ts';
import { priceFor } from './price-for.ts';
import { purse } from './purse.ts';

/** A call that went while there was no policy, and what its provider counted. */
type Early = {
  readonly request: Outgoing;
  readonly provider: Known;
  readonly agents: readonly (string | undefined)[];
  readonly traceId: string;
  readonly usage: Usage;
};

const MAX_WAITING = 1000;
let waiting: Early[] = [];

/** What watches a call that goes without a policy: nothing is reserved for it, and it is counted when caps are there. */
export function watchEarly(request: Outgoing, provider: Known): After {
  const agents = currentAgents();
  const traceId = currentTraceId() ?? NO_TRACE;
  return (usage) => {
    const early: Early = { request, provider, agents, traceId, usage };
    if (inForce.policy()) count(early);
    else if (waiting.length < MAX_WAITING) waiting.push(early);
    return { fields: {} };
  };
}

/** The first policy has come. */
export function countEarly(): void {
  for (const early of waiting.splice(0)) count(early);
}

export function forgetEarly(): void {
  waiting = [];
}

function count({ request, provider, agents, traceId, usage }: Early): void {
  const spend = inForce.policy()?.spend;
  const model = usage.model ?? modelInPath(request.path);
  if (!spend || model === undefined || (usage.input === undefined && usage.output === undefined))
    return;
  const priced = priceFor(spend, { request, provider }, model);
  if (!priced) return;
  const cost = spendEngine().costOf(usage, priced.prices);
  for (const budget of budgetsOf(spend, agents, model, traceId)) purse()?.charge(budget, cost);
}
