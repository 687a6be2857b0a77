import type { Action } from '@vantio/schema/actions';
import type { SpendCap } from '@vantio/schema/policy/spend-settings';
import type { Priced } from '@vantio/schema/spend/price-of';
import type { After, Ended, Remark } from '../body/reviewer.ts';
import type { Usage } from '../body/usage.ts';
import { spendEngine } from '../engines.ts';
import { type Budget, purse, type Taken } from './purse.ts';

/** What a call has to do with one cap, or with a rule that would refuse it if policy were not in dry run. */
export type Holding =
  | { readonly cap: SpendCap; readonly taken: Taken; readonly would?: undefined }
  | {
      readonly cap?: SpendCap;
      readonly rule?: string;
      readonly taken?: undefined;
      readonly would: Action;
    };

export type SettlementOptions = {
  /** Reserved; absent where no price was known. */
  readonly amount: number | undefined;
  readonly priced: Priced | undefined;
  readonly holdings: readonly Holding[];
  /** Of a call whose model had no price: what it counts against once its answer has named one. */
  readonly repriced:
    | {
        readonly budgets: readonly Budget[];
        readonly priceOf: (model: string) => Priced | undefined;
      }
    | undefined;
};

/** Puts what a call cost in the place of what was reserved for it. */
export const createSettlement =
  ({ amount, priced: known, holdings, repriced }: SettlementOptions): After =>
  (usage, ended): Remark => {
    const priced = known ?? (usage.model ? repriced?.priceOf(usage.model) : undefined);
    const cost = priced && costBy(priced, usage, ended, amount);
    if (!known && cost) for (const budget of repriced?.budgets ?? []) purse()?.charge(budget, cost);
    const settled = holdings.map((holding) => ({
      holding,
      now: holding.taken?.settle(cost ?? 0),
    }));
    const noted = settled.find(({ holding, now }) => verdictOf(holding, now)) ?? tightest(settled);
    const verdict = noted && verdictOf(noted.holding, noted.now);
    const { cap, taken } = noted?.holding ?? {};
    return {
      ...(verdict === undefined ? {} : { verdict }),
      fields: {
        ...(cost === undefined ? {} : { cost_microusd: cost }),
        ...(amount === undefined ? {} : { reserved_microusd: amount }),
        ...(priced?.date === undefined ? {} : { price_date: priced.date }),
        ...(cap === undefined ? {} : spendEngine().capFields(cap, taken?.used)),
      },
    };
  };

/** Without a word from the provider, what was reserved: unless it refused the call, sent it elsewhere, or never got it. */
function costBy(
  { prices }: Priced,
  usage: Usage,
  { status, sent }: Ended,
  amount: number | undefined,
): number | undefined {
  if (usage.input !== undefined || usage.output !== undefined)
    return spendEngine().costOf(usage, prices);
  if (!sent || (status !== undefined && status >= 300)) return 0;
  return amount;
}

function verdictOf(holding: Holding, now: number | undefined): Remark['verdict'] {
  if (holding.would !== undefined)
    return { action: holding.would, ruleId: holding.cap?.ruleId ?? holding.rule ?? 'spend' };
  const { cap, taken } = holding;
  const { ruleId, kind, limitMicroUsd } = cap;
  if (kind === 'soft')
    return now !== undefined && now > limitMicroUsd
      ? { action: 'FLAGGED_SPEND', ruleId }
      : undefined;
  return taken.isOver ? { action: 'WOULD_BLOCK_SPEND', ruleId } : undefined;
}

type Settled = { readonly holding: Holding; readonly now: number | undefined };

/** The cap of which the least is left. */
const tightest = (settled: readonly Settled[]): Settled | undefined =>
  settled.toSorted((one, other) => leftOf(one) - leftOf(other))[0];

const leftOf = ({ holding: { cap }, now }: Settled): number =>
  (cap?.limitMicroUsd ?? Number.POSITIVE_INFINITY) - (now ?? 0);
