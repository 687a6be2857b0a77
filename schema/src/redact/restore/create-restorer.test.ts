import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createVault } from '../replace/vault.ts';
import { bytesOf, JSON_FACTS, redactorOf, someText, textOf } from '../testing.ts';
import { createRestorer } from './create-restorer.ts';

const vault = createVault();
const redactor = redactorOf({ action: 'token', vault });

/** The answer as it comes out when it comes in parts of these sizes. */
function restored(answer: string, contentType: string, sizes: readonly number[]): string {
  const restorer = createRestorer(vault, contentType);
  assert.ok(restorer !== undefined);
  const bytes = bytesOf(answer);
  const out: Uint8Array[] = [];
  for (let at = 0, part = 0; at < bytes.length; part++) {
    const end = at + Math.max(1, sizes[part % Math.max(1, sizes.length)] ?? bytes.length);
    out.push(restorer.push(bytes.subarray(at, end)));
    at = end;
  }
  out.push(restorer.end());
  return textOf(Buffer.concat(out));
}

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 5 });

test('text: what was redacted comes back, wherever the parts are cut', () => {
  fc.assert(
    fc.property(someText, sizes, (text, cuts) => {
      const { text: sent } = redactor.text(text);
      const plain = textOf(bytesOf(text));
      assert.equal(restored(sent, 'text/plain', cuts), plain);
    }),
    { numRuns: 500 },
  );
});

test('JSON: values come back with the escapes that their place needs, in JSON within strings, too', () => {
  const key = '-----BEGIN PRIVATE KEY-----\n"x\\y"\n-----END PRIVATE KEY-----';
  fc.assert(
    fc.property(fc.oneof(someText, fc.constant(key)), sizes, (content, cuts) => {
      const body = {
        messages: [
          {
            role: 'user',
            content,
            tool_calls: [{ function: { arguments: JSON.stringify({ content }) } }],
          },
        ],
      };
      const sent = redactor.body(bytesOf(JSON.stringify(body)), JSON_FACTS);
      assert.ok(sent.kind !== 'unscanned');
      const back = restored(textOf(sent.bytes), 'application/json; charset=utf-8', cuts);
      assert.deepEqual(JSON.parse(back), JSON.parse(JSON.stringify(body)));
    }),
    { numRuns: 300 },
  );
});

type Shape = {
  readonly contentType: string;
  readonly events: (parts: readonly string[]) => string;
  readonly read: (answer: string) => string;
};

// A dot would stop at U+2028, which may stand in JSON as it is.
const data = (answer: string): unknown[] =>
  answer
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice(6)) as unknown);
const event = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;

const SHAPES: Readonly<Record<string, Shape>> = {
  'OpenAI chat': {
    contentType: 'text/event-stream',
    events: (parts) =>
      parts
        .map((content) =>
          event({ id: 'c', choices: [{ index: 0, delta: { content }, finish_reason: null }] }),
        )
        .join('') +
      event({ id: 'c', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }) +
      'data: [DONE]\n\n',
    read: (answer) =>
      data(answer)
        .map(
          (one) =>
            (one as { choices: { delta: { content?: string } }[] }).choices[0]?.delta.content ?? '',
        )
        .join(''),
  },
  'OpenAI responses': {
    contentType: 'text/event-stream; charset=utf-8',
    events: (parts) =>
      parts
        .map(
          (delta) =>
            `event: response.output_text.delta\n${event({ type: 'response.output_text.delta', item_id: 'm', output_index: 0, content_index: 0, delta })}`,
        )
        .join('') +
      event({
        type: 'response.output_text.done',
        item_id: 'm',
        output_index: 0,
        content_index: 0,
        text: parts.join(''),
      }),
    read: (answer) => {
      const events = data(answer) as { delta?: string; text?: string }[];
      const whole = events.map(({ delta }) => delta ?? '').join('');
      assert.equal(events.at(-1)?.text, whole);
      return whole;
    },
  },
  'Anthropic messages': {
    contentType: 'text/event-stream',
    events: (parts) =>
      event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }) +
      parts
        .map((text) =>
          event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
        )
        .join('') +
      event({ type: 'content_block_stop', index: 0 }),
    read: (answer) =>
      data(answer)
        .map((one) => (one as { delta?: { text?: string } }).delta?.text ?? '')
        .join(''),
  },
  'Ollama lines': {
    contentType: 'application/x-ndjson',
    events: (parts) =>
      [...parts.map((response) => ({ response, done: false })), { response: '', done: true }]
        .map((one) => `${JSON.stringify(one)}\n`)
        .join(''),
    read: (answer) =>
      answer
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { response: string }).response)
        .join(''),
  },
};

for (const [name, { contentType, events, read }] of Object.entries(SHAPES))
  test(`${name}: a token that is split between events comes back whole`, () => {
    fc.assert(
      fc.property(
        someText,
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }),
        sizes,
        (text, lengths, cuts) => {
          const plain = textOf(bytesOf(text));
          const sent = redactor.text(plain).text;
          const parts: string[] = [];
          const chars = [...sent];
          while (chars.length > 0)
            parts.push(chars.splice(0, lengths[parts.length % lengths.length]).join(''));
          assert.equal(read(restored(events(parts), contentType, cuts)), plain);
        },
      ),
      { numRuns: 200 },
    );
  });

test('a value in streamed arguments of a tool is escaped for the JSON that it is in', () => {
  const value = '-----BEGIN PRIVATE KEY-----\nab\n-----END PRIVATE KEY-----';
  const sent = `{"k":"${redactor.text(value).text}"}`;
  const parts = [sent.slice(0, 12), sent.slice(12)];
  const answer =
    parts
      .map((part) =>
        event({
          type: 'content_block_delta',
          index: 1,
          delta: { type: 'input_json_delta', partial_json: part },
        }),
      )
      .join('') + event({ type: 'content_block_stop', index: 1 });
  const back = data(restored(answer, 'text/event-stream', [5]))
    .map((one) => (one as { delta?: { partial_json?: string } }).delta?.partial_json ?? '')
    .join('');
  assert.deepEqual(JSON.parse(back), { k: value });
});

test('escapes of an answer stay as they were written', () => {
  const { text: token } = redactor.text('anna@example.com');
  const answer = (value: string): string => `{"a":"\\u00e9 \\ud000 \\n é ${value} \\/"}`;
  assert.equal(restored(answer(token), 'application/json', [7]), answer('anna@example.com'));
  const stream = (value: string): string => `data: ${answer(value)}\n\n`;
  assert.equal(restored(stream(token), 'text/event-stream', [7]), stream('anna@example.com'));
});

test('two choices that stream at once do not mix', () => {
  const sent = redactor.text('anna@example.com').text;
  const [head, tail] = [sent.slice(0, 6), sent.slice(6)];
  const delta = (index: number, content: string): string =>
    event({ choices: [{ index, delta: { content }, finish_reason: null }] });
  const stop = (index: number): string =>
    event({ choices: [{ index, delta: {}, finish_reason: 'stop' }] });
  const answer =
    delta(0, head) + delta(1, `b ${head}`) + delta(0, tail) + stop(0) + delta(1, tail) + stop(1);
  const texts = ['', ''];
  for (const one of data(restored(answer, 'text/event-stream', []))) {
    const [choice] = (one as { choices: { index: number; delta: { content?: string } }[] }).choices;
    if (choice !== undefined) texts[choice.index] += choice.delta.content ?? '';
  }
  assert.deepEqual(texts, ['anna@example.com', 'b anna@example.com']);
});

test('a token that the vault never gave stays what it is', () => {
  assert.equal(restored('see [EMAIL_aaaaaaaaaaaa]', 'text/plain', [3]), 'see [EMAIL_aaaaaaaaaaaa]');
});

test('bytes that are no UTF-8 come out as they went in', () => {
  const restorer = createRestorer(vault, 'text/plain');
  const bytes = new Uint8Array([0xff, 0x41, 0xc3, 0x28, 0x5b]);
  assert.ok(restorer !== undefined);
  assert.deepEqual(Buffer.concat([restorer.push(bytes), restorer.end()]), Buffer.from(bytes));
});

test('Amazon’s binary stream of events cannot be restored, and says so', () => {
  assert.equal(createRestorer(vault, 'application/vnd.amazon.eventstream'), undefined);
});

test('a full vault masks: what cannot be put back is not made a token', () => {
  const small = createVault({ maxValues: 1 });
  const { text } = redactorOf({ action: 'token', vault: small }).text(
    'a@example.com b@example.com a@example.com',
  );
  assert.match(text, /^\[EMAIL_[a-z]{12}\] \[EMAIL\] \[EMAIL_[a-z]{12}\]$/);
});

test('a hash is the same under the same key, and another under another', () => {
  const hash = (byte: number): string =>
    redactorOf({ action: 'hash', key: new Uint8Array(32).fill(byte) }).text('a@example.com').text;
  assert.match(hash(1), /^\[EMAIL#[a-z]{16}\]$/);
  assert.equal(hash(1), hash(1));
  assert.notEqual(hash(1), hash(2));
  assert.throws(
    () => redactorOf({ action: 'hash', key: new Uint8Array(8) }),
    /has 8 bytes; give it 16 or more/,
  );
});

test('in an event, or a document, too long to be gathered values are put back as it passes', () => {
  const { text: token } = redactor.text('anna@example.com');
  const long = 'x'.repeat(9 * 1024 * 1024);
  const said = (value: string): string =>
    [event({ a: value }), event({ a: `${value} ${long} ${value}` }), event({ a: value })].join('');
  const of = (value: string): string => JSON.stringify({ a: `${value} ${long} ${value}` });
  assert.ok(restored(said(token), 'text/event-stream', [65_521]) === said('anna@example.com'));
  assert.ok(restored(of(token), 'application/json', [65_521]) === of('anna@example.com'));
});

test('what ends in the middle of such an event comes out whole', () => {
  const { text: token } = redactor.text('anna@example.com');
  const torn = (value: string): string => `data: ${'x'.repeat(9 * 1024 * 1024)} ${value}`;
  assert.ok(restored(torn(token), 'text/event-stream', [65_521]) === torn('anna@example.com'));
});

test('of what is not ended no more is held than a bound', () => {
  for (const type of ['text/event-stream', 'application/json']) {
    const restorer = createRestorer(vault, type);
    assert.ok(restorer !== undefined);
    const part = bytesOf('x'.repeat(1024 * 1024));
    let out = 0;
    for (let at = 0; at < 32; at++) out += restorer.push(part).length;
    assert.ok(out > 22 * part.length, `${type}: ${out}`);
  }
});
