import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_OUTPUT_TOKENS, estimate, MAX_INPUT_TOKENS } from './estimate.ts';

test('the most that may come back is read in the words of each API', () => {
  const bodies: readonly object[] = [
    { max_tokens: 7 },
    { max_completion_tokens: 7, max_tokens: 5 },
    { max_output_tokens: 7 },
    { max_tokens_to_sample: 7 },
    { generationConfig: { maxOutputTokens: 7 } },
    { generation_config: { max_output_tokens: 7 } },
    { inferenceConfig: { maxTokens: 7 } },
    { textGenerationConfig: { maxTokenCount: 7 } },
    { parameters: { maxOutputTokens: 7 } },
    { options: { num_predict: 7 } },
  ];
  for (const body of bodies) assert.equal(estimate(body, 0).output, 7, JSON.stringify(body));
});

test('each of several answers counts, and a request without a bound has a stated one', () => {
  assert.equal(estimate({ max_tokens: 7, n: 3 }, 0).output, 21);
  assert.equal(
    estimate({ generationConfig: { candidateCount: 2, maxOutputTokens: 7 } }, 0).output,
    14,
  );
  for (const body of [
    {},
    undefined,
    null,
    [],
    'text',
    { max_tokens: -1 },
    { max_tokens: 1.5 },
    { max_tokens: '9' },
  ])
    assert.equal(estimate(body, 0).output, DEFAULT_OUTPUT_TOKENS);
});

test('input is estimated from the size of the body, up to what a request may hold', () => {
  assert.equal(estimate({}, 10).input, 4);
  assert.equal(estimate({}, 1e9).input, MAX_INPUT_TOKENS);
});
