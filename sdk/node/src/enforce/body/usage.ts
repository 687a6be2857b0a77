/** Tokens of one call as its provider counted them; absent is not told. Input includes what came from a cache. */
export type Usage = {
  readonly model?: string;
  readonly input?: number;
  readonly cachedInput?: number;
  readonly cacheWrite?: number;
  readonly output?: number;
  readonly reasoning?: number;
};

type Json = Readonly<Record<string, unknown>>;

const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
const count = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
const sum = (...parts: readonly (number | undefined)[]): number | undefined =>
  parts.every((part) => part === undefined)
    ? undefined
    : parts.reduce<number>((all, part) => all + (part ?? 0), 0);

/** Usage in a response, or in one event of its stream. What is not of a known form tells nothing. */
export function usageIn(value: unknown): Usage {
  const body = object(value);
  // OpenAI's responses API and Anthropic wrap the message in an event; Gemini's usage stands beside it.
  const inner = object(body.response ?? body.message);
  const model = [body.model, inner.model, body.modelVersion].find(
    (name) => typeof name === 'string' && name !== '',
  );
  const named = typeof model === 'string' ? { model } : {};
  const counted = body.usageMetadata
    ? gemini(object(body.usageMetadata))
    : typeof body.eval_count === 'number' || typeof body.prompt_eval_count === 'number'
      ? { input: count(body.prompt_eval_count), output: count(body.eval_count) }
      : tokens(object(body.usage ?? inner.usage));
  return { ...named, ...present(counted) };
}

/** OpenAI (chat and responses), Anthropic and Bedrock, each by its own names. */
function tokens(usage: Json) {
  if ('inputTokens' in usage)
    return {
      input: sum(
        count(usage.inputTokens),
        count(usage.cacheReadInputTokens),
        count(usage.cacheWriteInputTokens),
      ),
      cachedInput: count(usage.cacheReadInputTokens),
      cacheWrite: count(usage.cacheWriteInputTokens),
      output: count(usage.outputTokens),
    };
  const read = count(usage.cache_read_input_tokens);
  const write = count(usage.cache_creation_input_tokens);
  const inDetails = object(usage.prompt_tokens_details ?? usage.input_tokens_details);
  const outDetails = object(usage.completion_tokens_details ?? usage.output_tokens_details);
  return {
    // Anthropic counts what is cached beside the input, OpenAI within it.
    input: count(usage.prompt_tokens) ?? sum(count(usage.input_tokens), read, write),
    cachedInput: read ?? count(inDetails.cached_tokens),
    cacheWrite: write,
    output: count(usage.completion_tokens) ?? count(usage.output_tokens),
    reasoning: count(outDetails.reasoning_tokens),
  };
}

const gemini = (usage: Json) => ({
  input: count(usage.promptTokenCount),
  cachedInput: count(usage.cachedContentTokenCount),
  output: sum(count(usage.candidatesTokenCount), count(usage.thoughtsTokenCount)),
  reasoning: count(usage.thoughtsTokenCount),
});

function present(counted: Readonly<Record<string, number | undefined>>): Usage {
  return Object.fromEntries(
    Object.entries(counted).filter(([, value]) => value !== undefined),
  ) as Usage;
}

/** Later events of a stream say more: they count on from what earlier ones said. */
export const laterUsage = (before: Usage, after: Usage): Usage => ({
  ...before,
  ...after,
  // The last event of Anthropic's stream may count no input, or only what was not cached.
  ...(before.input !== undefined && (after.input ?? 0) < before.input
    ? { input: before.input }
    : {}),
});
