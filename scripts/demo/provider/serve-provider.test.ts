import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { countTokens } from './completion.ts';
import { type Provider, serveProvider } from './serve-provider.ts';

const PROMPT = 'Say four words please';
const MODEL = 'stand-in';
const messages = [{ role: 'user' as const, content: PROMPT }];

let provider: Provider;
let openai: OpenAI;
let anthropic: Anthropic;

before(async () => {
  provider = await serveProvider();
  const common = { apiKey: 'none', maxRetries: 0 };
  openai = new OpenAI({ ...common, baseURL: `${provider.url}/v1` });
  anthropic = new Anthropic({ ...common, baseURL: provider.url });
});
after(() => provider.close());

test('the openai package reads a chat completion, its usage counting the words of both sides', async () => {
  const chat = await openai.chat.completions.create({ model: MODEL, messages });
  const text = chat.choices[0]?.message.content ?? '';
  // The role is a word of the request too.
  assert.equal(chat.usage?.prompt_tokens, countTokens(PROMPT) + 1);
  assert.equal(chat.usage?.completion_tokens, countTokens(text));
});

test('the openai package reads a streamed chat completion that says what the plain one says', async () => {
  const plain = await openai.chat.completions.create({ model: MODEL, messages });
  const stream = await openai.chat.completions.create({
    model: MODEL,
    messages,
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = '';
  let total: number | undefined;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? '';
    total = chunk.usage?.total_tokens ?? total;
  }
  assert.equal(text, plain.choices[0]?.message.content);
  assert.equal(total, plain.usage?.total_tokens);
});

test('the openai package reads a response, plain and streamed, with the same usage', async () => {
  const plain = await openai.responses.create({ model: MODEL, input: PROMPT });
  assert.equal(plain.usage?.input_tokens, countTokens(PROMPT));
  const stream = await openai.responses.create({ model: MODEL, input: PROMPT, stream: true });
  let text = '';
  let total: number | undefined;
  for await (const event of stream) {
    if (event.type === 'response.output_text.delta') text += event.delta;
    if (event.type === 'response.completed') total = event.response.usage?.total_tokens;
  }
  assert.equal(text, plain.output_text);
  assert.equal(total, plain.usage?.total_tokens);
});

test('the anthropic package reads a message, plain and streamed, with the same usage', async () => {
  const request = { model: MODEL, max_tokens: 64, messages };
  const plain = await anthropic.messages.create(request);
  const streamed = await anthropic.messages.stream(request).finalMessage();
  assert.deepEqual(streamed.content, plain.content);
  assert.equal(streamed.usage.output_tokens, plain.usage.output_tokens);
  assert.equal(streamed.usage.input_tokens, plain.usage.input_tokens);
});

test('what is not a JSON object, not served or too large is refused with a status', async () => {
  const post = (path: string, body: string): Promise<Response> =>
    fetch(`${provider.url}${path}`, { method: 'POST', body });
  assert.equal((await post('/v1/messages', '[')).status, 400);
  assert.equal((await post('/v1/embeddings', '{}')).status, 404);
  assert.equal((await post('/v1/messages', ' '.repeat(2 << 20))).status, 413);
});
