import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { llmEndpoints } from './llm-endpoints.ts';

const file = new URL('../llm_endpoints.json', import.meta.url);

test('the list is one, and no endpoint stands in it twice', async () => {
  const list = llmEndpoints.parse(JSON.parse(await readFile(file, 'utf8')));
  const all = list.endpoints.flatMap((one) => [
    ...(one.hosts ?? []),
    ...(one.hosts ? [] : (one.ports ?? [])),
  ]);
  assert.equal(new Set(all).size, all.length);
});

test('every provider that the agent promises is in it', async () => {
  const list = llmEndpoints.parse(JSON.parse(await readFile(file, 'utf8')));
  const providers = new Set(list.endpoints.map((one) => one.provider));
  const promised =
    'openai azure_openai anthropic aws_bedrock google_vertex google_gemini mistral cohere groq together openrouter xai deepseek perplexity huggingface ollama';
  for (const provider of promised.split(' ')) assert.ok(providers.has(provider), provider);
});

test('what the agent could not match is refused', () => {
  const list = (endpoint: unknown) => ({
    version: 1,
    updated: '2026-11-26',
    endpoints: [endpoint],
  });
  for (const wrong of [
    { provider: 'x' },
    { provider: 'X', ports: [1] },
    { provider: 'x', ports: [0] },
    { provider: 'x', hosts: ['https://api.example.com'] },
    { provider: 'x', hosts: ['API.example.com'] },
    { provider: 'x', hosts: ['a.*b*.com'] },
    { provider: 'x', hosts: ['api.example.com'], extra: 1 },
  ]) {
    assert.equal(llmEndpoints.safeParse(list(wrong)).success, false, JSON.stringify(wrong));
  }
  assert.ok(
    llmEndpoints.safeParse(list({ provider: 'x', hosts: ['*.example.com', 'a.b-*.com'] })).success,
  );
});
