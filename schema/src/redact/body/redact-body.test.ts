import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { bytesOf, JSON_FACTS, redactorOf, someText, textOf } from '../testing.ts';
import type { BodyFacts, Codec } from './body-facts.ts';
import type { BodyResult } from './body-result.ts';

const redactor = redactorOf({ action: 'mask' });

function redacted(text: string, facts: Partial<BodyFacts> = {}): string {
  const result = redactor.body(bytesOf(text), { ...JSON_FACTS, ...facts });
  assert.notEqual(result.kind, 'unscanned', JSON.stringify(result));
  return result.kind === 'unscanned' ? '' : textOf(result.bytes);
}

function reasonOf(result: BodyResult): string | undefined {
  return result.kind === 'unscanned' ? result.reason : undefined;
}

const mail = 'anna@example.com';

/** What each API calls content, and what must go to it as it is. */
const REQUESTS: Readonly<
  Record<
    string,
    { readonly provider: BodyFacts['provider']; readonly body: unknown; readonly expected: unknown }
  >
> = {
  'OpenAI chat': {
    provider: 'openai',
    body: {
      model: 'gpt-4o-2024-08-06',
      max_tokens: 40960,
      seed: 4111111111111111,
      user: mail,
      messages: [
        { role: 'system', content: `to ${mail}` },
        {
          role: 'user',
          name: 'a_b',
          content: [
            { type: 'text', text: mail },
            { type: 'image_url', image_url: { url: `https://x.example/${mail}` } },
          ],
        },
        {
          role: 'assistant',
          tool_calls: [
            {
              id: 'call_1',
              type: 'function',
              function: { name: 'send', arguments: `{"to":"${mail}","n":5551234567}` },
            },
          ],
        },
        { role: 'tool', tool_call_id: 'call_1', content: `{"ssn":"123456789","ok":true}` },
      ],
      tools: [
        {
          type: 'function',
          function: { name: 'send', description: mail, parameters: { type: 'object' } },
        },
      ],
    },
    expected: {
      model: 'gpt-4o-2024-08-06',
      max_tokens: 40960,
      seed: 4111111111111111,
      user: mail,
      messages: [
        { role: 'system', content: 'to [EMAIL]' },
        {
          role: 'user',
          name: 'a_b',
          content: [
            { type: 'text', text: '[EMAIL]' },
            { type: 'image_url', image_url: { url: `https://x.example/${mail}` } },
          ],
        },
        {
          role: 'assistant',
          tool_calls: [
            {
              id: 'call_1',
              type: 'function',
              function: { name: 'send', arguments: '{"to":"[EMAIL]","n":5551234567}' },
            },
          ],
        },
        { role: 'tool', tool_call_id: 'call_1', content: '{"ssn":"[US_SSN]","ok":true}' },
      ],
      tools: [
        {
          type: 'function',
          function: { name: 'send', description: mail, parameters: { type: 'object' } },
        },
      ],
    },
  },
  'OpenAI responses': {
    provider: 'openai',
    body: {
      model: 'o3',
      instructions: mail,
      input: [
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: mail }] },
        { type: 'function_call_output', call_id: 'call_1', output: mail },
        { type: 'reasoning', id: 'rs_1', encrypted_content: `x${mail}` },
      ],
      previous_response_id: 'resp_1',
    },
    expected: {
      model: 'o3',
      instructions: '[EMAIL]',
      input: [
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: '[EMAIL]' }] },
        { type: 'function_call_output', call_id: 'call_1', output: '[EMAIL]' },
        { type: 'reasoning', id: 'rs_1', encrypted_content: `x${mail}` },
      ],
      previous_response_id: 'resp_1',
    },
  },
  'OpenAI embeddings': {
    provider: 'openai',
    body: { model: 'm', input: [mail, 'b'] },
    expected: { model: 'm', input: ['[EMAIL]', 'b'] },
  },
  'OpenAI completions': {
    provider: 'openai',
    body: { model: 'm', prompt: mail, stop: [mail] },
    expected: { model: 'm', prompt: '[EMAIL]', stop: [mail] },
  },
  'Anthropic messages': {
    provider: 'anthropic',
    body: {
      model: 'claude',
      system: [{ type: 'text', text: mail, cache_control: { type: 'ephemeral' } }],
      metadata: { user_id: mail },
      messages: [
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: mail, signature: mail },
            {
              type: 'tool_use',
              id: 'toolu_1',
              name: 'f',
              input: { to: mail, phone_number: '5551234567' },
            },
          ],
        },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: mail }] },
      ],
    },
    expected: {
      model: 'claude',
      system: [{ type: 'text', text: '[EMAIL]', cache_control: { type: 'ephemeral' } }],
      metadata: { user_id: mail },
      messages: [
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: '[EMAIL]', signature: mail },
            {
              type: 'tool_use',
              id: 'toolu_1',
              name: 'f',
              input: { to: '[EMAIL]', phone_number: '[PHONE]' },
            },
          ],
        },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: '[EMAIL]' }],
        },
      ],
    },
  },
  Gemini: {
    provider: 'gemini',
    body: {
      systemInstruction: { parts: [{ text: mail }] },
      contents: [
        {
          role: 'user',
          parts: [
            { text: mail, thoughtSignature: mail },
            { functionResponse: { name: 'f', response: { result: mail } } },
            { inlineData: { mimeType: 'image/png', data: 'aGVsbG8=' } },
          ],
        },
      ],
      generationConfig: { stopSequences: [mail] },
    },
    expected: {
      systemInstruction: { parts: [{ text: '[EMAIL]' }] },
      contents: [
        {
          role: 'user',
          parts: [
            { text: '[EMAIL]', thoughtSignature: mail },
            { functionResponse: { name: 'f', response: { result: '[EMAIL]' } } },
            { inlineData: { mimeType: 'image/png', data: 'aGVsbG8=' } },
          ],
        },
      ],
      generationConfig: { stopSequences: [mail] },
    },
  },
  'Bedrock Converse': {
    provider: 'bedrock',
    body: {
      system: [{ text: mail }],
      messages: [
        {
          role: 'user',
          content: [
            { text: mail },
            { toolResult: { toolUseId: 'x', content: [{ json: { a: mail } }] } },
          ],
        },
      ],
      inferenceConfig: { maxTokens: 1 },
    },
    expected: {
      system: [{ text: '[EMAIL]' }],
      messages: [
        {
          role: 'user',
          content: [
            { text: '[EMAIL]' },
            { toolResult: { toolUseId: 'x', content: [{ json: { a: '[EMAIL]' } }] } },
          ],
        },
      ],
      inferenceConfig: { maxTokens: 1 },
    },
  },
  Ollama: {
    provider: 'ollama',
    body: {
      model: 'llama3.2',
      prompt: mail,
      system: mail,
      images: ['aGk='],
      messages: [{ role: 'user', content: mail }],
    },
    expected: {
      model: 'llama3.2',
      prompt: '[EMAIL]',
      system: '[EMAIL]',
      images: ['aGk='],
      messages: [{ role: 'user', content: '[EMAIL]' }],
    },
  },
  'any JSON': {
    provider: 'generic',
    body: { id: mail, deep: { x: [mail, 1] } },
    expected: { id: mail, deep: { x: ['[EMAIL]', 1] } },
  },
};

for (const [name, { provider, body, expected }] of Object.entries(REQUESTS))
  test(`${name}: content is redacted, what the API reads is not`, () => {
    assert.deepEqual(JSON.parse(redacted(JSON.stringify(body), { provider })), expected);
  });

test('any JSON may be one string, or a list of them', () => {
  assert.equal(redacted(`["${mail}",1]`, { provider: 'generic' }), '["[EMAIL]",1]');
  assert.equal(redacted(` "${mail}" `, { provider: 'generic' }), ' "[EMAIL]" ');
});

test('spacing, order, escapes, numbers and keys that come twice stay as they are', () => {
  const text = `\ufeff{ "model" : "m\\u002f1",\n\t"max_tokens":40960.0e0 , "messages":[{"content":"\\u00e9 \\ud83d\\ude00\\n${mail}\\t\\/"},{"content":"a","content":"${mail}"}]}  `;
  assert.equal(redacted(text), text.replaceAll(mail, '[EMAIL]'));
});

test('a body without values is handed back as the very bytes that were given', () => {
  const bytes = bytesOf('{"messages":[{"content":"hello"}]}');
  const result = redactor.body(bytes, JSON_FACTS);
  assert.ok(result.kind === 'unchanged' && result.bytes === bytes);
  assert.equal(result.bytesScanned, 5);
});

test('counts are by entity, and bytes are those of content', () => {
  const result = redactor.body(
    bytesOf(`{"model":"m","messages":[{"content":"é ${mail} ${mail} 4111111111111111"}]}`),
    JSON_FACTS,
  );
  assert.ok(result.kind === 'redacted');
  assert.deepEqual(result.counts, { email: 2, payment_card: 1 });
  assert.equal(result.bytesScanned, 3 + 17 + 17 + 16);
});

test('whatever the content, JSON stays JSON and all else stays equal', () => {
  fc.assert(
    fc.property(someText, fc.jsonValue(), (content, other) => {
      const body = { temperature: other, messages: [{ role: 'user', content }] };
      const result = JSON.parse(redacted(JSON.stringify(body))) as typeof body;
      assert.deepEqual(result.temperature, JSON.parse(JSON.stringify(other)));
      assert.equal(typeof result.messages[0]?.content, 'string');
    }),
    { numRuns: 500 },
  );
});

test('an image in base64 is passed over, and the result says that it was', () => {
  const image = 'iVBORw0KGgo'.repeat(100);
  for (const url of [`data:image/png;base64,${image}`, image]) {
    const result = redactor.body(
      bytesOf(JSON.stringify({ messages: [{ content: [{ text: mail, source: url }] }] })),
      JSON_FACTS,
    );
    assert.ok(result.kind === 'redacted' && result.unscanned === 'binary');
    assert.ok(textOf(result.bytes).includes(url));
  }
});

test('an image or a file where its address stands is passed over, told of, and left as it is; an address is', () => {
  const withAddress = (url: string) =>
    JSON.stringify({ messages: [{ content: [{ text: mail, image_url: { url } }] }] });
  const data = `data:image/png;base64,${'iVBORw0KGgo'.repeat(100)}`;
  const held = redactor.body(bytesOf(withAddress(data)), JSON_FACTS);
  assert.ok(held.kind === 'redacted' && held.unscanned === 'binary');
  assert.ok(textOf(held.bytes).includes(data));
  const named = redactor.body(bytesOf(withAddress(`https://example.com/${mail}`)), JSON_FACTS);
  assert.ok(named.kind === 'redacted' && named.unscanned === undefined);
  assert.ok(textOf(named.bytes).includes(`https://example.com/${mail}`));
});

test('lines of JSON, plain text, JSON called text, and forms', () => {
  const line = `{"body":{"messages":[{"content":"${mail}"}]}}`;
  assert.equal(
    redacted(`${line}\n${line}\n`, { contentType: 'application/x-ndjson' }),
    `${line}\n${line}\n`.replaceAll(mail, '[EMAIL]'),
  );
  assert.equal(
    redacted(`dear ${mail}`, { contentType: 'text/plain;charset=UTF-8' }),
    'dear [EMAIL]',
  );
  assert.equal(
    redacted(`{"model":"${mail}","input":"${mail}"}`, { contentType: 'text/plain;charset=UTF-8' }),
    `{"model":"${mail}","input":"[EMAIL]"}`,
  );
  assert.equal(
    redacted('a=1%2B1&to=anna%40example.com', { contentType: 'application/x-www-form-urlencoded' }),
    'a=1%2B1&to=%5BEMAIL%5D',
  );
});

test('a form of parts: text is redacted, a file is left and said to be', () => {
  const form = (to: string): string =>
    `--b\r\ncontent-disposition: form-data; name="prompt"\r\n\r\nto ${to}\r\n--b\r\ncontent-disposition: form-data; name="file"; filename="a.jsonl"\r\ncontent-type: application/jsonl\r\n\r\n{"body":{"input":"${to}"}}\r\n--b\r\ncontent-disposition: form-data; name="f"; filename="a.png"\r\ncontent-type: image/png\r\n\r\n${mail}\r\n--b--\r\n`;
  const result = redactor.body(bytesOf(form(mail)), {
    ...JSON_FACTS,
    contentType: 'multipart/form-data; boundary=b',
  });
  assert.ok(result.kind === 'redacted');
  assert.equal(textOf(result.bytes), form('[EMAIL]'));
  assert.equal(result.unscanned, 'multipart');
});

const codecs: Readonly<Record<string, Codec>> = {
  gzip: {
    decode: (bytes, maxOutputLength) => gunzipSync(bytes, { maxOutputLength }),
    encode: (bytes) => gzipSync(bytes),
  },
  br: {
    decode: (bytes, maxOutputLength) => brotliDecompressSync(bytes, { maxOutputLength }),
    encode: (bytes) => brotliCompressSync(bytes),
  },
};

test('what is compressed is opened, redacted and compressed again', () => {
  const text = `{"input":"${mail}"}`;
  for (const [contentEncoding, { decode, encode }] of Object.entries(codecs)) {
    const result = redactor.body(encode(bytesOf(text)), { ...JSON_FACTS, contentEncoding, codecs });
    assert.ok(result.kind === 'redacted');
    assert.equal(textOf(decode(result.bytes, 1000)), '{"input":"[EMAIL]"}');
  }
});

test('what cannot be scanned says why, and throws nothing', () => {
  const bytes = bytesOf(`{"input":"${mail}"}`);
  const reason = (body: Uint8Array, facts: Partial<BodyFacts>): string | undefined =>
    reasonOf(redactor.body(body, { ...JSON_FACTS, ...facts }));
  assert.equal(reason(bytes, { contentType: 'application/octet-stream' }), 'binary');
  assert.equal(reason(bytes, { contentType: 'application/json; charset=utf-16' }), 'encoding');
  assert.equal(reason(bytes, { contentEncoding: 'zstd', codecs }), 'encoding');
  assert.equal(reason(bytes, { contentEncoding: 'gzip', codecs }), 'encoding');
  assert.equal(reason(bytes, { contentEncoding: 'gzip, br', codecs }), 'encoding');
  assert.equal(reason(new Uint8Array([123, 34, 255, 34]), {}), 'encoding');
  assert.equal(reason(bytesOf('{"input":'), {}), 'format');
  assert.equal(reason(bytes, { contentType: 'multipart/form-data' }), 'multipart');
  assert.equal(
    reason(bytesOf('--b\r\nno head'), { contentType: 'multipart/form-data; boundary=b' }),
    'multipart',
  );
  assert.equal(reason(bytes, { isSigned: true }), 'signed');
  assert.equal(reason(bytes, { maxBytes: 5 }), 'size');
  assert.equal(
    reason(gzipSync(bytesOf(`{"input":"${'a'.repeat(5000)}"}`)), {
      contentEncoding: 'gzip',
      codecs,
      maxBytes: 1000,
    }),
    'encoding',
  );
});

test('a signed body without values is not held against its caller', () => {
  assert.equal(
    redactor.body(bytesOf('{"input":"a"}'), { ...JSON_FACTS, isSigned: true }).kind,
    'unchanged',
  );
});

test('any bytes of any type are answered', () => {
  const types = [
    'application/json',
    'text/plain',
    'multipart/form-data; boundary=b',
    'application/x-ndjson',
    'application/x-www-form-urlencoded',
    undefined,
  ];
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom(...types),
      (bytes, contentType) => {
        const result = redactor.body(bytes, { ...JSON_FACTS, contentType });
        assert.notEqual(reasonOf(result), 'error');
      },
    ),
    { numRuns: 1000 },
  );
});

test('a body of which the text is known is redacted as one that has to be read', () => {
  fc.assert(
    fc.property(someText, fc.boolean(), (content, isJson) => {
      const body = isJson ? JSON.stringify({ messages: [{ role: 'user', content }] }) : content;
      const bytes = bytesOf(body);
      const facts = { ...JSON_FACTS, ...(isJson ? {} : { contentType: 'text/plain' }) };
      const shown = (result: BodyResult): unknown =>
        result.kind === 'unscanned' ? result : { ...result, bytes: textOf(result.bytes) };
      assert.deepEqual(
        shown(redactor.body(bytes, { ...facts, text: body })),
        shown(redactor.body(bytes, facts)),
      );
    }),
    { numRuns: 500 },
  );
});

test('what was scanned is counted in bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (content) => {
      const raw = JSON.stringify(content).slice(1, -1);
      const result = redactor.body(bytesOf(`{"messages":["${raw}"]}`), JSON_FACTS);
      assert.notEqual(result.kind, 'unscanned');
      if (result.kind !== 'unscanned')
        assert.equal(result.bytesScanned, new TextEncoder().encode(raw).length);
    }),
  );
});
