import type { Completion } from './completion.ts';
import type { Reply, SseEvent } from './reply.ts';

export type MessagesRequest = { readonly model?: string; readonly stream?: boolean };

/** Anthropic's `POST /v1/messages`. */
export function anthropicMessages(
  request: MessagesRequest,
  { words, text, inputTokens, outputTokens }: Completion,
): Reply {
  const message = {
    id: 'msg_standin',
    type: 'message',
    role: 'assistant',
    model: request.model ?? 'stand-in',
    stop_sequence: null,
  };
  if (!request.stream) {
    return {
      kind: 'json',
      status: 200,
      body: {
        ...message,
        content: [{ type: 'text', text }],
        stop_reason: 'end_turn',
        usage: { input_tokens: inputTokens, output_tokens: outputTokens },
      },
    };
  }
  const event = (type: string, fields: object): SseEvent => ({
    event: type,
    data: { type, ...fields },
  });
  // As the real one does: the input is known at the start, the output only at the end.
  const usage = { input_tokens: inputTokens, output_tokens: 1 };
  return {
    kind: 'stream',
    events: [
      event('message_start', { message: { ...message, content: [], stop_reason: null, usage } }),
      event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
      ...words.map((word) =>
        event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: word } }),
      ),
      event('content_block_stop', { index: 0 }),
      event('message_delta', {
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: { output_tokens: outputTokens },
      }),
      event('message_stop', {}),
    ],
  };
}
