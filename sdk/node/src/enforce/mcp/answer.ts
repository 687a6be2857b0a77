import { debug } from '../../context/debug.ts';
import type { Calls, Conversation } from '../../mcp/conversation.ts';
import { parsed } from '../../mcp/json-rpc.ts';
import { failureOf } from '../../record/error-code.ts';
import type { ResponseWatch } from '../body/body-guard.ts';
import { createEventStream, type ServerEvent } from './event-stream.ts';

const MAX_DOCUMENT = 8 * 1024 * 1024;

type Reading = {
  readonly conversation: Conversation;
  /** Of the request that is answered. */
  readonly calls: Calls;
  /** The answers come over an event stream of their own. */
  readonly isElsewhere: boolean;
  onHead(header: (name: string) => string | undefined): void;
};

/** Reads the answer to a message that was posted, and tells the conversation of it. It changes nothing. */
export function answerOf({ conversation, calls, isElsewhere, onHead }: Reading): ResponseWatch {
  let status = 0;
  let stream: ReturnType<typeof createEventStream> | undefined;
  let chunks: Uint8Array[] | undefined;
  let size = 0;
  /** The stream may break off and be taken up again: an answer can still come. */
  let canResume = false;

  const heard = (text: string): void => {
    const value = parsed(text);
    if (value !== undefined) conversation.hears(value, Buffer.byteLength(text), calls);
  };
  const onEvent = ({ event, data, hasId }: ServerEvent): void => {
    if (hasId) canResume = true;
    if (event === 'message') heard(data);
  };

  function finish(error?: unknown): void {
    if (chunks && error === undefined) heard(Buffer.concat(chunks).toString());
    chunks = undefined;
    if (calls.size === 0) return;
    const failure = error === undefined ? undefined : failureOf(error);
    if (status >= 300) conversation.ends({ outcome: 'error', error_code: `HTTP_${status}` }, calls);
    else if (failure?.outcome === 'aborted') conversation.ends(failure, calls);
    else if (!canResume && !(isElsewhere && status !== 0))
      conversation.ends(failure ?? { outcome: 'unknown' }, calls);
  }

  return {
    // What is compressed cannot be read as it comes.
    restores: true,
    head: (code, header) =>
      quietly(() => {
        status = code;
        onHead(header);
        const type = typeOf(header);
        if (type === 'text/event-stream') stream = createEventStream(onEvent);
        else if (type === 'application/json') chunks = [];
      }),
    data(chunk) {
      quietly(() => {
        stream?.push(chunk);
        size += chunk.length;
        if (size > MAX_DOCUMENT) chunks = undefined;
        // Whoever handed it over may use its memory again.
        chunks?.push(Buffer.from(chunk));
      });
      return chunk;
    },
    end() {
      quietly(() => finish());
      return undefined;
    },
    fail: (error) => quietly(() => finish(error ?? new Error('aborted'))),
  };
}

export const typeOf = (header: (name: string) => string | undefined): string =>
  (header('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

export function quietly(body: () => unknown): void {
  try {
    body();
  } catch (error) {
    debug('hearing a server of MCP failed', error);
  }
}
