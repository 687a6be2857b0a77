import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import {
  findProvider,
  type MatchLogic,
  type ModelInfo,
  type ModelPrice,
} from '@pydantic/genai-prices';
import type { NameMatch, PackedPeriod, PackedPrices, PricedProvider, Rate } from './prices.ts';

/** The package's version and the day it was published: another version needs its own day. */
const TABLE = { version: '0.1.8', date: '2026-09-23' };

/** Whose prices are kept; of resellers with hundreds of models those that agents use most. */
export const PRICED_PROVIDERS = [
  'openai',
  'anthropic',
  'google',
  'aws',
  'azure',
  'mistral',
  'cohere',
  'groq',
  'together',
  'openrouter',
  'x-ai',
  'deepseek',
  'perplexity',
  'fireworks',
  'cerebras',
  'moonshotai',
];

const KEYS = [
  'input_mtok',
  'output_mtok',
  'cache_read_mtok',
  'cache_write_mtok',
  'cache_write_1h_mtok',
  'output_reasoning_mtok',
  'requests_kcount',
];

/** @throws {Error} for a version of the package whose day is not known. */
export function priceTableSource(): string {
  const version = installedVersion();
  if (version !== TABLE.version)
    throw new Error(
      `@pydantic/genai-prices is ${version}, and the day of ${TABLE.version} is known: put both into schema/src/spend/price-table-source.ts`,
    );
  const table = { date: TABLE.date, providers: PRICED_PROVIDERS.map(providerOf) };
  return `// Made by \`npm run generate\` from @pydantic/genai-prices ${version}: schema/src/spend/prices.ts says what it holds.\nexport const PRICE_TABLE =\n  ${JSON.stringify(JSON.stringify(table))};\n`;
}

function installedVersion(): string {
  const main = createRequire(import.meta.url).resolve('@pydantic/genai-prices');
  const text = readFileSync(join(dirname(main), '../package.json'), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

function providerOf(id: string): PricedProvider {
  const found = findProvider({ providerId: id });
  if (!found) throw new Error(`@pydantic/genai-prices has no provider ${id}`);
  return {
    id,
    url: found.api_pattern,
    ...(found.model_match === undefined ? {} : { names: packMatch(found.model_match) }),
    ...(found.fallback_model_providers === undefined
      ? {}
      : { others: found.fallback_model_providers }),
    models: found.models.map((model) => [packMatch(model.match), periodsOf(model)] as const),
  };
}

/** A model without a price for tokens stays, with none: it must not be taken for another one. */
function periodsOf({ prices }: ModelInfo): readonly PackedPeriod[] {
  if (!Array.isArray(prices)) return [['', packPrices(prices)]];
  return prices.map(({ constraint, prices: some }): PackedPeriod => {
    const from =
      constraint === undefined ? '' : 'start_date' in constraint ? constraint.start_date : 'daily';
    return [from, packPrices(some)];
  });
}

function packPrices(prices: ModelPrice): PackedPrices {
  const packed = KEYS.map((key): Rate | null => {
    const price = prices[key];
    if (price === undefined) return null;
    if (typeof price === 'number') return micro(price);
    const tiers = price.tiers
      .toSorted((one, other) => one.start - other.start)
      .map(({ start, price: above }) => [start, micro(above)] as const);
    return [micro(price.base), ...tiers];
  });
  return packed.slice(0, packed.findLastIndex((rate) => rate !== null) + 1);
}

/** Dollars are told with binary fractions; the few that are no whole micro-dollars are rounded up. */
const micro = (dollars: number): number => Math.ceil(Number((dollars * 1e6).toFixed(3)));

function packMatch(match: MatchLogic): NameMatch {
  if ('or' in match) return ['|', ...match.or.map(packMatch)];
  if ('and' in match) return ['&', ...match.and.map(packMatch)];
  if ('equals' in match) return `=${match.equals.toLowerCase()}`;
  if ('starts_with' in match) return `^${match.starts_with.toLowerCase()}`;
  if ('ends_with' in match) return `$${match.ends_with.toLowerCase()}`;
  if ('contains' in match) return `~${match.contains.toLowerCase()}`;
  return `/${match.regex}`;
}
