import type { Tokens } from './cost-of.ts';

/** Assumed of a request that does not bound its answer. */
export const DEFAULT_OUTPUT_TOKENS = 4096;
/** Text of a request has fewer tokens than that, in every language and tokenizer that was looked at. */
export const BYTES_PER_TOKEN = 3;
/** What no request holds more of: images and files in a body are fewer tokens than their bytes. */
export const MAX_INPUT_TOKENS = 1_000_000;
const MAX_OUTPUT_TOKENS = 10_000_000;

type Json = Readonly<Record<string, unknown>>;

/** What a call may use at most, from its request; `body` is its JSON, which anybody may have written. */
export function estimate(body: unknown, bytes: number): Required<Pick<Tokens, 'input' | 'output'>> {
  const request = object(body);
  const bound = outputBound(request) ?? DEFAULT_OUTPUT_TOKENS;
  return {
    input: Math.min(Math.ceil(bytes / BYTES_PER_TOKEN), MAX_INPUT_TOKENS),
    output: Math.min(bound * answers(request), MAX_OUTPUT_TOKENS),
  };
}

/** Each provider's own word for it; of several the largest. */
function outputBound(request: Json): number | undefined {
  const google = object(request.generationConfig ?? request.generation_config);
  const found = [
    request.max_tokens,
    request.max_completion_tokens,
    request.max_output_tokens,
    request.max_tokens_to_sample,
    request.max_gen_len,
    request.maxTokens,
    google.maxOutputTokens,
    google.max_output_tokens,
    object(request.inferenceConfig).maxTokens,
    object(request.textGenerationConfig).maxTokenCount,
    object(request.parameters).maxOutputTokens,
    object(request.options).num_predict,
  ].filter(isCount);
  return found.length === 0 ? undefined : Math.max(...found);
}

function answers(request: Json): number {
  const google = object(request.generationConfig ?? request.generation_config);
  return Math.max(1, ...[request.n, request.best_of, google.candidateCount].filter(isCount));
}

const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
