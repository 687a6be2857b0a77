import type { Completion } from './completion.ts';
import type { Reply, SseEvent } from './reply.ts';

export type ChatRequest = {
  readonly model?: string;
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
};

/** OpenAI's `POST /v1/chat/completions`. */
export function openaiChat(request: ChatRequest, { words, text, ...tokens }: Completion): Reply {
  const usage = {
    prompt_tokens: tokens.inputTokens,
    completion_tokens: tokens.outputTokens,
    total_tokens: tokens.inputTokens + tokens.outputTokens,
  };
  const common = {
    id: 'chatcmpl-standin',
    created: Math.floor(Date.now() / 1000),
    model: request.model ?? 'stand-in',
  };
  if (!request.stream) {
    const message = { role: 'assistant', content: text, refusal: null };
    const choices = [{ index: 0, message, finish_reason: 'stop', logprobs: null }];
    return {
      kind: 'json',
      status: 200,
      body: { ...common, object: 'chat.completion', choices, usage },
    };
  }
  const chunk = (choices: readonly unknown[], rest = {}): SseEvent => ({
    data: { ...common, object: 'chat.completion.chunk', choices, ...rest },
  });
  const delta = (content: object, finish: string | null): SseEvent =>
    chunk([{ index: 0, delta: content, finish_reason: finish }]);
  return {
    kind: 'stream',
    events: [
      delta({ role: 'assistant', content: '' }, null),
      ...words.map((word) => delta({ content: word }, null)),
      delta({}, 'stop'),
      ...(request.stream_options?.include_usage ? [chunk([], { usage })] : []),
      { data: '[DONE]' },
    ],
  };
}
