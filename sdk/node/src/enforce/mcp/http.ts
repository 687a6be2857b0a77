import type { Conversation, Sent } from '../../mcp/conversation.ts';
import { messagesIn, UNREAD_CALL } from '../../mcp/json-rpc.ts';
import type { BodyGuard, Inspection, Outgoing, ResponseWatch } from '../body/body-guard.ts';
import { MAX_BODY } from '../body/max-body.ts';
import { requestJson } from '../body/request-json.ts';
import { answerOf } from './answer.ts';
import {
  conversationOf,
  endpointConversation,
  keepConversation,
  newConversation,
} from './http-sessions.ts';
import { listening } from './sse.ts';

/** Looks at messages of MCP that are posted, and at the streams that answers come over. It changes neither. */
export const mcpGuard: BodyGuard = (request) => {
  if (request.method === 'GET') return listening(request);
  if (request.method !== 'POST') return undefined;
  const endpoint = endpointConversation(request);
  return endpoint || speaksMcp(request) ? posting(request, endpoint) : undefined;
};

const OWN_HEADERS = ['mcp-protocol-version', 'mcp-session-id', 'mcp-method'];

/** MCP wants of every client that it takes both kinds of answers: Streamable HTTP, "Sending Messages to the Server". */
function speaksMcp(request: Outgoing): boolean {
  const accept = request.header('accept') ?? '';
  return (
    (/application\/json/i.test(accept) && /text\/event-stream/i.test(accept)) || isNamed(request)
  );
}

const isNamed = (request: Outgoing): boolean =>
  OWN_HEADERS.some((name) => request.header(name) !== undefined);

function posting(request: Outgoing, endpoint: Conversation | undefined): Inspection {
  function decide(json: unknown, bytes: number) {
    const messages = messagesIn(json);
    if (messages.length === 0) return {};
    const isGreeting = messages.some(({ method }) => method === 'initialize');
    const conversation =
      endpoint ?? (isGreeting ? newConversation(request, 'http') : conversationOf(request));
    const sent = conversation.sends(json, bytes);
    return sent.kind === 'refused'
      ? { error: sent.error }
      : { watch: watchOf(conversation, sent, isGreeting) };
  }

  function watchOf(
    conversation: Conversation,
    { calls }: Extract<Sent, { kind: 'go' }>,
    isGreeting: boolean,
  ): ResponseWatch {
    const isElsewhere = endpoint !== undefined;
    return answerOf({
      conversation,
      calls,
      isElsewhere,
      onHead(header) {
        if (isGreeting && !isElsewhere)
          keepConversation(request, header('mcp-session-id') ?? '', conversation);
      },
    });
  }

  return {
    maxBytes: MAX_BODY,
    inspect(body) {
      const { error, watch } = decide(requestJson(request, body, MAX_BODY), body.length);
      if (error) return { kind: 'block', error };
      return { kind: 'send', bytes: body, ...(watch ? { watch } : {}) };
    },
    pass: () => undefined,
    /** What is that long or comes in a stream is a call whose tool nobody can know: a list of allowed ones has it not. */
    giveUp() {
      if (!endpoint && !isNamed(request)) return {};
      const { error, watch } = decide(UNREAD_CALL, MAX_BODY);
      return error ? { error } : watch ? { watch } : {};
    },
  };
}
