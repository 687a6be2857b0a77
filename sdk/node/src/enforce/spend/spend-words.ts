import type { SpendCap } from '@vantio/schema/policy/spend-settings';
import type { Detail } from '../../record/observation.ts';

export const UNKNOWN_MODEL =
  'The price of this model is not known, and policy refuses such calls (rule spend.unknown_model): give its price in spend.prices of the policy.';
export const UNAVAILABLE =
  'What is left of the budget cannot be asked at the moment, and policy says that such calls are refused.';

const OF = { key: 'this API key', agent: 'this agent', model: 'this model' } as const;
const IN = { trace: 'one trace', hour: 'an hour', day: 'a day', month: 'a month' } as const;

export const sentenceOf = (
  { ruleId, limitMicroUsd, scope, window }: SpendCap,
  used: number,
  amount: number,
): string =>
  `The budget of ${dollars(limitMicroUsd)} that ${OF[scope]} has for ${IN[window]} (rule ${ruleId}) does not cover this call: ${dollars(used)} are spent, and it may cost ${dollars(amount)}.`;

const dollars = (micro: number): string => `$${(micro / 1e6).toFixed(micro < 10_000 ? 6 : 2)}`;

export const capFields = (
  { window, scope, limitMicroUsd }: SpendCap,
  used?: number | undefined,
): Detail => ({
  spend_window: window,
  spend_scope: scope,
  spend_limit_microusd: limitMicroUsd,
  ...(used === undefined ? {} : { spend_used_microusd: used }),
});
