/** Micro-dollars for a million tokens. Above a tier's number of input tokens its rate holds for all tokens of the call. */
export type Rate =
  | number
  | readonly [base: number, ...tiers: (readonly [above: number, rate: number])[]];

/** What a model costs. A kind of token without a rate of its own is charged as the kind that it is part of. */
export type Prices = {
  readonly input?: Rate;
  readonly output?: Rate;
  /** Of input that came from a cache. */
  readonly cachedInput?: Rate;
  /** Of input that was put into a cache. */
  readonly cacheWrite?: Rate;
  /** Of that, what is kept for an hour. */
  readonly cacheWriteHour?: Rate;
  /** Of output that is reasoning. */
  readonly reasoning?: Rate;
  /** Micro-dollars for a thousand calls. */
  readonly calls?: number;
};

/** The order in which the table has them. */
export const PRICE_KEYS = [
  'input',
  'output',
  'cachedInput',
  'cacheWrite',
  'cacheWriteHour',
  'reasoning',
  'calls',
] as const satisfies readonly (keyof Prices)[];

export type PackedPrices = readonly (Rate | null)[];

/** What holds from a day on; `daily`: in some hours of each day. */
export type PackedPeriod = readonly [from: string | 'daily', prices: PackedPrices];

/**
 * What a model's name is like: a text after `=` (is), `^` (begins), `$` (ends), `~` (contains) or `/` (matches the pattern), all in
 * lower case; or a list of such of which any (`|`) or each (`&`) must hold.
 */
export type NameMatch = string | readonly ['|' | '&', ...NameMatch[]];

export type PricedProvider = {
  readonly id: string;
  /** Pattern of the beginning of its URLs. */
  readonly url: string;
  /** Of names that are its own, wherever they are asked for. */
  readonly names?: NameMatch;
  /** Providers whose models it sells under their names and at their prices. */
  readonly others?: readonly string[];
  readonly models: readonly (readonly [name: NameMatch, periods: readonly PackedPeriod[]])[];
};

export type PriceTable = {
  /** Day on which the prices were published, such as 2026-09-23. */
  readonly date: string;
  readonly providers: readonly PricedProvider[];
};

/** Prices that may hold at a moment: the dearest of them does, for who was charged at which hour cannot be told. */
export function pricesAt(periods: readonly PackedPeriod[], day: string): readonly Prices[] {
  const found: Prices[] = [];
  for (const [from, packed] of periods.toReversed()) {
    if (from !== 'daily' && from > day) continue;
    found.push(unpack(packed));
    if (from !== 'daily') break;
  }
  return found;
}

const unpack = (packed: PackedPrices): Prices =>
  Object.fromEntries(
    PRICE_KEYS.flatMap((key, at) => {
      const rate = packed[at] ?? undefined;
      return rate === undefined ? [] : [[key, rate]];
    }),
  );
