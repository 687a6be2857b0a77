import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calcPrice } from '@pydantic/genai-prices';
import { costOf, type Tokens } from './cost-of.ts';
import { priceOf, priceTable } from './price-of.ts';
import type { NameMatch } from './prices.ts';

/** A name that matches, as far as one can be made of what it is matched by. */
function nameFor(match: NameMatch): string | undefined {
  if (typeof match !== 'string') {
    const [how, ...parts] = match;
    if (how === '|') return parts.map(nameFor).find((name) => name !== undefined);
    const names = parts.map(nameFor);
    return names.includes(undefined) ? undefined : names.join('-');
  }
  return match.startsWith('/') ? undefined : match.slice(1);
}

const URLS: Readonly<Record<string, string>> = {
  openai: 'https://api.openai.com/v1/chat/completions',
  anthropic: 'https://api.anthropic.com/v1/messages',
  google: 'https://generativelanguage.googleapis.com/v1beta/models/m:generateContent',
  aws: 'https://bedrock-runtime.us-east-1.amazonaws.com/model/m/converse',
  azure: 'https://house.openai.azure.com/openai/deployments/m/chat/completions',
  mistral: 'https://api.mistral.ai/v1/chat/completions',
  cohere: 'https://api.cohere.com/v2/chat',
  groq: 'https://api.groq.com/openai/v1/chat/completions',
  together: 'https://api.together.xyz/v1/chat/completions',
  openrouter: 'https://openrouter.ai/api/v1/chat/completions',
  'x-ai': 'https://api.x.ai/v1/chat/completions',
  deepseek: 'https://api.deepseek.com/chat/completions',
  perplexity: 'https://api.perplexity.ai/chat/completions',
  fireworks: 'https://api.fireworks.ai/inference/v1/chat/completions',
  cerebras: 'https://api.cerebras.ai/v1/chat/completions',
  moonshotai: 'https://api.moonshot.ai/v1/chat/completions',
};

const USED: readonly Tokens[] = [
  { input: 1000, output: 500 },
  { input: 7, output: 0 },
  { input: 50_000, cachedInput: 20_000, output: 900 },
  { input: 50_000, cachedInput: 1_000, cacheWrite: 40_000, output: 900, reasoning: 300 },
  { input: 9000, cacheWrite: 5000, cacheWriteHour: 4000, output: 10 },
  { input: 199_999, output: 1 },
  { input: 300_000, cachedInput: 250_000, output: 20_000 },
  { input: 1_000_001, output: 64_000 },
];

const theirs = (used: Tokens) => ({
  input_tokens: used.input,
  output_tokens: used.output,
  cache_read_tokens: used.cachedInput,
  cache_write_tokens: used.cacheWrite,
  cache_write_1h_tokens: used.cacheWriteHour,
  output_reasoning_tokens: used.reasoning,
});

const NOON = [12];
const HOURS = [0, 1, 4, 9, 12, 17, 23];
const DAYS = ['2025-01-01', '2026-05-01', '2026-11-26', '2027-06-01'];

for (const { id, models } of priceTable().providers)
  test(`each model of ${id} costs what the library says, rounded up`, () => {
    const url = URLS[id] ?? '';
    let compared = 0;
    for (const [match, periods] of models) {
      const hours = periods.some(([from]) => from === 'daily') ? HOURS : NOON;
      const model = nameFor(match);
      if (model === undefined) continue;
      for (const day of DAYS)
        for (const used of USED) {
          const priced = priceOf({ model, url, at: Date.parse(`${day}T12:00:00Z`) });
          const costs = hours.map((hour) =>
            calcPrice(theirs(used), model, {
              providerId: id,
              timestamp: new Date(Date.parse(day) + hour * 3_600_000),
            }),
          );
          if (priced === undefined) {
            // Sold by the hour, the page or the image: nothing is said of its tokens.
            assert.ok(
              costs.every((cost) => !cost || cost.total_price === 0),
              `${model} ${day}`,
            );
            continue;
          }
          compared++;
          const dearest = Math.max(...costs.map((cost) => cost?.total_price ?? 0)) * 1e6;
          const ours = costOf(used, priced.prices);
          // The library counts in binary fractions, and a few rates are no whole micro-dollars for a million.
          const slack = dearest * 1e-6 + 1e-6;
          assert.ok(
            ours >= dearest - slack && ours < dearest + 1 + slack,
            `${model} ${day} ${JSON.stringify(used)}: ${ours}, not ${dearest}`,
          );
        }
    }
    assert.ok(compared > 50, `${compared} compared`);
  });

const at = Date.parse('2026-11-26T12:00:00Z');

test("a policy's own price goes before the table, whatever the case of the name", () => {
  const own = new Map([['gpt-4o', { input: 1_000_000, output: 2_000_000, cached_input: 0 }]]);
  const priced = priceOf({ model: 'GPT-4o', url: URLS.openai ?? '', at }, own);
  assert.equal(priced?.date, undefined);
  assert.equal(costOf({ input: 10, cachedInput: 4, output: 5 }, priced?.prices ?? []), 16);
});

test('a gateway is known by the API that it speaks, or by the name of the model', () => {
  const url = 'http://127.0.0.1:4000/v1/chat/completions';
  const bare = priceOf({ model: 'gpt-4o', url: URLS.openai ?? '', at });
  assert.ok(bare);
  assert.deepEqual(priceOf({ model: 'gpt-4o', url, dialect: 'openai', at }), bare);
  assert.deepEqual(
    priceOf({ model: 'claude-sonnet-4-5', url, dialect: 'openai', at })?.prices,
    priceOf({ model: 'claude-sonnet-4-5', url: URLS.anthropic ?? '', at })?.prices,
  );
});

test('what is not in the table has no price, whatever it is called', () => {
  for (const model of ['', 'model-1', 'whisper-1', 'x'.repeat(100_000), '__proto__'])
    assert.equal(priceOf({ model, url: URLS.openai ?? '', at }), undefined);
});
