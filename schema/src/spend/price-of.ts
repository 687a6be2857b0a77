import type { TokenPrices } from '../policy/spend-settings.ts';
import { PRICE_TABLE } from './generated/price-table.ts';
import { matchName } from './match-name.ts';
import { type PricedProvider, type Prices, type PriceTable, pricesAt } from './prices.ts';

export type PriceQuery = {
  /** As the request or its answer names it; anybody may have written it. */
  readonly model: string;
  /** Where the call goes, such as https://api.openai.com/v1/chat/completions. */
  readonly url: string;
  /** Whose API the call speaks, where the URL tells nothing: a gateway's. */
  readonly dialect?: string | undefined;
  /** Milliseconds since 1970. */
  readonly at: number;
};

export type Priced = {
  /** What may hold; the dearest is charged. */
  readonly prices: readonly Prices[];
  /** Day of the table. Absent: the policy's own price. */
  readonly date?: string;
};

/** Longer names are of no model, and are not held against patterns. */
const MAX_NAME = 256;

const DIALECTS: Readonly<Record<string, string>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  gemini: 'google',
  bedrock: 'aws',
};

let table: PriceTable | undefined;
/** Read at its first use: it is large. */
export const priceTable = (): PriceTable => {
  table ??= JSON.parse(PRICE_TABLE) as PriceTable;
  return table;
};

/** @returns undefined when the price of the model is not known. */
export function priceOf(
  { model, url, dialect, at }: PriceQuery,
  overrides: ReadonlyMap<string, TokenPrices> = new Map(),
): Priced | undefined {
  const name = model.toLowerCase().trim();
  if (name === '' || name.length > MAX_NAME) return undefined;
  const own = overrides.get(name);
  if (own) return { prices: [overridden(own)] };
  const { providers, date } = priceTable();
  const day = new Date(at).toISOString().slice(0, 10);
  const seller = providers.find((provider) => matchName(`/^(?:${provider.url})`, url));
  const candidates = seller ? [seller] : [named(DIALECTS[dialect ?? '']), owner(name)];
  for (const provider of candidates) {
    const periods = provider && (periodsIn(provider, name) ?? periodsIn(provider, dashed(name)));
    if (!periods) continue;
    const prices = pricesAt(periods, day);
    return prices.some(isOfTokens) ? { prices, date } : undefined;
  }
  return undefined;
}

const named = (id: string | undefined): PricedProvider | undefined =>
  priceTable().providers.find((provider) => provider.id === id);

/** A model's name may tell whose it is. */
const owner = (name: string): PricedProvider | undefined =>
  priceTable().providers.find(({ names }) => names !== undefined && matchName(names, name));

function periodsIn(
  provider: PricedProvider,
  name: string,
): PricedProvider['models'][number][1] | undefined {
  const model = provider.models.find(([match]) => matchName(match, name));
  if (model) return model[1];
  for (const other of provider.others ?? []) {
    const seller = named(other);
    const found = seller && periodsIn(seller, name);
    if (found) return found;
  }
  return undefined;
}

/** The table writes dates of models as 2026-01-31. */
const dashed = (name: string): string =>
  name.replace(/-(20\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=-|:|$)/g, '-$1-$2-$3');

const isOfTokens = ({ input, output, calls }: Prices): boolean =>
  input !== undefined || output !== undefined || calls !== undefined;

const overridden = ({ input, output, cached_input, cache_write }: TokenPrices): Prices => ({
  input,
  output,
  ...(cached_input === undefined ? {} : { cachedInput: cached_input }),
  ...(cache_write === undefined ? {} : { cacheWrite: cache_write }),
});
