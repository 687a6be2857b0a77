import type { Spend } from '@vantio/schema/policy/spend-settings';
import type { Priced } from '@vantio/schema/spend/price-of';
import { dateNow } from '../../context/main-realm.ts';
import type { ModelCall } from '../body/reviewer.ts';
import { spendEngine } from '../engines.ts';

/** A program asks for few models at few places; anybody may make up more. */
const MAX_KNOWN = 500;
const MAX_NAME = 256;
const DAY_MS = 86_400_000;

const known = new WeakMap<Spend, Map<string, Priced | undefined>>();

/** The price of a model where the call goes, looked up once a day: the table is long. */
export function priceFor(
  spend: Spend,
  { request: { host, port }, provider }: Pick<ModelCall, 'request' | 'provider'>,
  model: string,
): Priced | undefined {
  if (model.length > MAX_NAME) return undefined;
  const at = dateNow();
  const url = port === 443 ? `https://${host}/` : `http://${host}:${port}/`;
  const key = [Math.floor(at / DAY_MS), url, provider, model].join(' ');
  const prices = known.get(spend) ?? new Map<string, Priced | undefined>();
  known.set(spend, prices);
  if (prices.has(key)) return prices.get(key);
  const priced = spendEngine().priceOf({ model, url, dialect: provider, at }, spend.prices);
  if (prices.size >= MAX_KNOWN) prices.clear();
  prices.set(key, priced);
  return priced;
}
