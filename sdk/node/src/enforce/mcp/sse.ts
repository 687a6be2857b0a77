import type { Conversation } from '../../mcp/conversation.ts';
import { parsed } from '../../mcp/json-rpc.ts';
import { CLOSED } from '../../mcp/outcome.ts';
import type { Inspection, Outgoing, ResponseWatch } from '../body/body-guard.ts';
import { quietly, typeOf } from './answer.ts';
import { createEventStream, type ServerEvent } from './event-stream.ts';
import { knownConversation, newConversation, openEndpoint } from './http-sessions.ts';

/**
 * A stream that is asked for by GET. Of Streamable HTTP it belongs to a session, and may bring answers that broke off
 * elsewhere; of the older transport it begins with the address that messages are to be posted to.
 */
export function listening(request: Outgoing): Inspection | undefined {
  if (!/text\/event-stream/i.test(request.header('accept') ?? '')) return undefined;
  const known = knownConversation(request);
  return {
    maxBytes: 0,
    inspect: (body) => ({ kind: 'send', bytes: body }),
    pass: () => watchStream(request, known),
    giveUp: () => ({}),
  };
}

function watchStream(request: Outgoing, known: Conversation | undefined): ResponseWatch {
  let conversation = known;
  let stream: ReturnType<typeof createEventStream> | undefined;
  let close: (() => void) | undefined;

  function onEvent({ event, data }: ServerEvent): void {
    if (event === 'message') {
      const value = conversation && parsed(data);
      if (value !== undefined) conversation?.hears(value, Buffer.byteLength(data));
    } else if (event === 'endpoint' && known === undefined && close === undefined) {
      conversation = newConversation(request, 'sse');
      const { pathname, search } = new URL(data, `http://localhost${request.path}`);
      close = openEndpoint({ ...request, path: `${pathname}${search}` }, conversation);
    }
  }

  const over = (): void =>
    quietly(() => {
      if (close) conversation?.ends(CLOSED);
      close?.();
    });

  return {
    restores: known !== undefined,
    head: (status, header) => {
      const isStream = status === 200 && typeOf(header) === 'text/event-stream';
      if (isStream) stream = createEventStream(onEvent);
    },
    data(chunk) {
      quietly(() => stream?.push(chunk));
      return chunk;
    },
    end() {
      over();
      return undefined;
    },
    fail: over,
  };
}
