import type { Completion } from './completion.ts';
import type { Reply, SseEvent } from './reply.ts';

export type ResponsesRequest = { readonly model?: string; readonly stream?: boolean };

const ITEM = 'msg_standin';

/** OpenAI's `POST /v1/responses`. */
export function openaiResponses(
  request: ResponsesRequest,
  { words, text, inputTokens, outputTokens }: Completion,
): Reply {
  const part = { type: 'output_text', text, annotations: [] };
  const item = {
    id: ITEM,
    type: 'message',
    role: 'assistant',
    status: 'completed',
    content: [part],
  };
  const response = {
    id: 'resp_standin',
    object: 'response',
    created_at: Math.floor(Date.now() / 1000),
    model: request.model ?? 'stand-in',
  };
  const completed = {
    ...response,
    status: 'completed',
    output: [item],
    usage: {
      input_tokens: inputTokens,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: outputTokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: inputTokens + outputTokens,
    },
  };
  if (!request.stream) return { kind: 'json', status: 200, body: completed };

  let sequence = 0;
  const event = (type: string, fields: object): SseEvent => ({
    event: type,
    data: { type, sequence_number: sequence++, ...fields },
  });
  const place = { item_id: ITEM, output_index: 0, content_index: 0 };
  const started = { ...response, status: 'in_progress', output: [] };
  return {
    kind: 'stream',
    events: [
      event('response.created', { response: started }),
      event('response.output_item.added', {
        output_index: 0,
        item: { ...item, status: 'in_progress', content: [] },
      }),
      event('response.content_part.added', { ...place, part: { ...part, text: '' } }),
      ...words.map((delta) => event('response.output_text.delta', { ...place, delta })),
      event('response.output_text.done', { ...place, text }),
      event('response.content_part.done', { ...place, part }),
      event('response.output_item.done', { output_index: 0, item }),
      event('response.completed', { response: completed }),
    ],
  };
}
