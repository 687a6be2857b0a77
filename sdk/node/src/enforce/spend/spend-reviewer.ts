import type { Spend, SpendCap } from '@vantio/schema/policy/spend-settings';
import type { Priced } from '@vantio/schema/spend/price-of';
import type { Detail } from '../../record/observation.ts';
import { currentAgents } from '../agents.ts';
import type { After, ModelCall, Reviewed, Reviewer } from '../body/reviewer.ts';
import { spendEngine } from '../engines.ts';
import { inForce } from '../in-force.ts';
import { currentTraceId, refusal } from '../judge.ts';
import { budgetsOf } from './budgets-of.ts';
import { NO_TRACE } from './no-trace.ts';
import { priceFor } from './price-for.ts';
import { type Budget, purse, type Taking } from './purse.ts';
import { createSettlement, type Holding } from './settlement.ts';

/** Calls that cost nothing. */
const FREE = /\/count_tokens$|:countTokens$/;

/** Reserves what a call may cost before it is sent, and settles what it did cost from what its provider counted. */
export const spendReviewer: Reviewer = {
  before(call) {
    const spend = inForce.policy()?.spend;
    if (!spend || FREE.test(call.request.path.split('?', 1)[0] ?? '')) return { after: nothing };
    const agents = currentAgents();
    const model = call.model ?? '';
    const budgets = budgetsOf(spend, agents, model, currentTraceId() ?? NO_TRACE);
    const priced = priceFor(spend, call, model);
    if (!priced) return unknown(spend, call, budgets);
    const { estimate, mostOf } = spendEngine();
    const amount = mostOf(estimate(call.body, call.bytes), priced.prices);
    return reserve({ spend, call, priced, amount }, budgets);
  },
};

const nothing: After = () => ({ fields: {} });

type Asked = {
  readonly spend: Spend;
  readonly call: ModelCall;
  readonly priced: Priced;
  readonly amount: number;
};

/** One budget after the other: what is refused by one gives back what was taken of those before. */
function reserve(asked: Asked, budgets: readonly Budget[]): Reviewed | Promise<Reviewed> {
  const holdings: Holding[] = [];
  const rest = [...budgets];
  const next = (): Reviewed | Promise<Reviewed> => {
    for (let budget = rest.shift(); budget; budget = rest.shift()) {
      const own = budget;
      const isForced = own.cap.kind === 'soft' || !asked.spend.isEnforced;
      const taking = purse()?.take(own, asked.amount, isForced) ?? { kind: 'unavailable' as const };
      if (taking instanceof Promise)
        return taking.then((later) => heard(asked, own, later, holdings) ?? next());
      const refused = heard(asked, own, taking, holdings);
      if (refused) return refused;
    }
    return { after: createSettlement({ ...asked, holdings, repriced: undefined }) };
  };
  return next();
}

function heard(
  { spend, amount, priced }: Asked,
  budget: Budget,
  taking: Taking,
  holdings: Holding[],
): Reviewed | undefined {
  const { cap } = budget;
  const { capFields, sentenceOf, UNAVAILABLE } = spendEngine();
  if (taking.kind === 'taken') {
    holdings.push({ cap, taken: taking });
    return undefined;
  }
  if (taking.kind === 'unavailable' && (cap.kind === 'soft' || !cap.isClosed)) return undefined;
  if (taking.kind === 'unavailable' && !spend.isEnforced) {
    holdings.push({ cap, would: 'WOULD_BLOCK_UNAVAILABLE' });
    return undefined;
  }
  for (const { taken } of holdings) taken?.settle(0);
  const fields: Detail = {
    reserved_microusd: amount,
    ...(priced.date === undefined ? {} : { price_date: priced.date }),
  };
  if (taking.kind === 'unavailable')
    return refuse('BLOCKED_UNAVAILABLE', cap, UNAVAILABLE, { ...fields, ...capFields(cap) });
  const said = sentenceOf(cap, taking.used, amount);
  return refuse('BLOCKED_SPEND', cap, said, { ...fields, ...capFields(cap, taking.used) });
}

const refuse = (
  code: 'BLOCKED_SPEND' | 'BLOCKED_UNAVAILABLE',
  { ruleId, reason }: SpendCap,
  sentence: string,
  fields: Detail,
): Reviewed => ({
  error: refusal(code, ruleId, reason === undefined ? sentence : `${sentence} ${reason}`),
  fields,
});

/** Nothing can be reserved. What the call cost is counted at its end, if its answer names a model with a price. */
function unknown(spend: Spend, call: ModelCall, budgets: readonly Budget[]): Reviewed {
  const isBlocked = spend.unknownModel === 'block';
  if (isBlocked && spend.isEnforced)
    return { error: refusal('BLOCKED_SPEND', 'spend.unknown_model', spendEngine().UNKNOWN_MODEL) };
  return {
    after: createSettlement({
      amount: undefined,
      priced: undefined,
      holdings: isBlocked ? [{ rule: 'spend.unknown_model', would: 'WOULD_BLOCK_SPEND' }] : [],
      repriced: {
        budgets,
        priceOf: (model) => priceFor(spend, call, model),
      },
    }),
  };
}
