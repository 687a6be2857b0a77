import type { Prices, Rate } from './prices.ts';

/** Tokens of one call. Input includes what came from a cache or was put into one, output includes reasoning. */
export type Tokens = {
  readonly input?: number;
  readonly cachedInput?: number;
  readonly cacheWrite?: number;
  readonly cacheWriteHour?: number;
  readonly output?: number;
  readonly reasoning?: number;
};

const MILLION = 1_000_000n;
const MAX = BigInt(Number.MAX_SAFE_INTEGER);

/** What a call costs in micro-dollars, rounded up once; of several prices the dearest. */
export const costOf = (tokens: Tokens, prices: readonly Prices[]): number =>
  prices.reduce((most, some) => Math.max(most, costBy(some, tokens)), 0);

/** The most that tokens can cost, however a cache is used. */
export const mostOf = (tokens: Tokens, prices: readonly Prices[]): number =>
  Math.max(
    costOf(tokens, prices),
    ...(tokens.input === undefined
      ? []
      : [costOf({ ...tokens, cacheWrite: tokens.input }, prices)]),
  );

function costBy(prices: Prices, tokens: Tokens): number {
  const input = tokens.input ?? 0;
  const rate = (of: Rate | undefined): bigint =>
    of === undefined ? 0n : BigInt(rateFor(of, input));
  let plain = input;
  let sum = BigInt(prices.calls ?? 0) * 1000n;
  /** A part is taken out of the whole that it is part of, and never more than there is: a provider's numbers may be wrong. */
  const take = (part: number | undefined, of: number, price: Rate | undefined): number => {
    if (part === undefined || price === undefined) return 0;
    const taken = Math.min(part, of);
    sum += BigInt(taken) * rate(price);
    return taken;
  };
  plain -= take(tokens.cachedInput, plain, prices.cachedInput);
  const written = Math.min(tokens.cacheWrite ?? 0, plain);
  const forAnHour = take(tokens.cacheWriteHour, written, prices.cacheWriteHour);
  plain -= forAnHour + take(written - forAnHour, plain, prices.cacheWrite);
  sum += BigInt(plain) * rate(prices.input);
  const output = tokens.output ?? 0;
  const reasoned = take(tokens.reasoning, output, prices.reasoning);
  sum += BigInt(output - reasoned) * rate(prices.output);
  const cost = (sum + MILLION - 1n) / MILLION;
  return Number(cost > MAX ? MAX : cost);
}

function rateFor(rate: Rate, input: number): number {
  if (typeof rate === 'number') return rate;
  const [base, ...tiers] = rate;
  return tiers.reduce((held, [above, price]) => (input > above ? price : held), base);
}
