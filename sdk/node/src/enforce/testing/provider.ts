import type { IncomingHttpHeaders } from 'node:http';

/** What every stand-in of a provider says was used. */
export const USED = { input_tokens: 11, cached_input_tokens: 3, output_tokens: 7 } as const;

export type Asked = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
};
export type Answered = { readonly type: string; readonly parts: readonly string[] };

type Json = Readonly<Record<string, unknown>>;

/** Answers as the provider whose API the path is of; what a model says is what it was asked. */
export function answerOf({ path, body }: Asked): Answered {
  const request = parsed(body);
  const said = `You asked: ${prompt(request)}`;
  const bare = path.split('?', 1)[0] ?? '';
  if (bare.endsWith('/chat/completions'))
    return request.stream ? openAiStream(said) : json(openAiChat(said));
  if (bare.endsWith('/responses')) return json(openAiResponse(said));
  if (bare.endsWith('/v1/messages'))
    return request.stream ? anthropicStream(said) : json(anthropic(said));
  if (bare.endsWith(':generateContent')) return json(gemini(said));
  if (bare.endsWith('/converse')) return json(bedrock(said));
  return { type: 'application/json', parts: [body.length === 0 ? '{}' : body.toString('utf8')] };
}

function parsed(body: Buffer): Json {
  try {
    return JSON.parse(body.toString('utf8')) as Json;
  } catch {
    return {};
  }
}

/** The first text with an address or what stands for one, wherever the format keeps it. */
function prompt(value: unknown): string {
  if (typeof value === 'string') return value.startsWith('Write to') ? value : '';
  if (typeof value !== 'object' || value === null) return '';
  for (const each of Object.values(value)) {
    const found = prompt(each);
    if (found) return found;
  }
  return '';
}

const json = (value: unknown): Answered => ({
  type: 'application/json',
  parts: [JSON.stringify(value)],
});

const OPENAI_USAGE = {
  prompt_tokens: 11,
  completion_tokens: 7,
  total_tokens: 18,
  prompt_tokens_details: { cached_tokens: 3 },
};

const openAiChat = (content: string) => ({
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model: 'model-1-2027',
  choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
  usage: OPENAI_USAGE,
});

const openAiResponse = (text: string) => ({
  id: 'r',
  object: 'response',
  created_at: 1,
  model: 'model-1-2027',
  status: 'completed',
  output: [
    {
      id: 'm',
      type: 'message',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text, annotations: [] }],
    },
  ],
  usage: {
    input_tokens: 11,
    output_tokens: 7,
    total_tokens: 18,
    input_tokens_details: { cached_tokens: 3 },
  },
});

const event = (value: unknown, name?: string): string =>
  `${name === undefined ? '' : `event: ${name}\n`}data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`;

/** In small parts, so that whatever stands for a value is split among them. */
function pieces(text: string): readonly string[] {
  return text.match(/.{1,7}/gs) ?? [];
}

function openAiStream(text: string): Answered {
  const chunk = (delta: unknown, more: Json = {}): string =>
    event({
      id: 'c',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'model-1-2027',
      choices: [{ index: 0, delta, finish_reason: null }],
      ...more,
    });
  return {
    type: 'text/event-stream',
    parts: [
      chunk({ role: 'assistant', content: '' }),
      ...pieces(text).map((content) => chunk({ content })),
      chunk({}, { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
      chunk({}, { choices: [], usage: OPENAI_USAGE }),
      event('[DONE]'),
    ],
  };
}

const ANTHROPIC_USAGE = { input_tokens: 8, cache_read_input_tokens: 3, output_tokens: 7 };

const anthropic = (text: string) => ({
  id: 'm',
  type: 'message',
  role: 'assistant',
  model: 'model-1-2027',
  content: [{ type: 'text', text }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: ANTHROPIC_USAGE,
});

function anthropicStream(text: string): Answered {
  const of = (type: string, more: Json): string => event({ type, ...more }, type);
  const message = {
    ...anthropic(''),
    content: [],
    stop_reason: null,
    usage: { ...ANTHROPIC_USAGE, output_tokens: 1 },
  };
  return {
    type: 'text/event-stream',
    parts: [
      of('message_start', { message }),
      of('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
      ...pieces(text).map((part) =>
        of('content_block_delta', { index: 0, delta: { type: 'text_delta', text: part } }),
      ),
      of('content_block_stop', { index: 0 }),
      of('message_delta', {
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: { output_tokens: 7 },
      }),
      of('message_stop', {}),
    ],
  };
}

const gemini = (text: string) => ({
  candidates: [{ content: { role: 'model', parts: [{ text }] }, finishReason: 'STOP', index: 0 }],
  usageMetadata: {
    promptTokenCount: 11,
    cachedContentTokenCount: 3,
    candidatesTokenCount: 5,
    thoughtsTokenCount: 2,
    totalTokenCount: 18,
  },
  modelVersion: 'model-1-2027',
});

const bedrock = (text: string) => ({
  output: { message: { role: 'assistant', content: [{ text }] } },
  stopReason: 'end_turn',
  usage: { inputTokens: 8, cacheReadInputTokens: 3, outputTokens: 7, totalTokens: 18 },
  metrics: { latencyMs: 1 },
});
