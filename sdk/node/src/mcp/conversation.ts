import type { VantioBlockedError } from '../enforce/blocked-error.ts';
import type { Detail } from '../record/observation.ts';
import { judgeTool } from '../tools/judge-tool.ts';
import { keyOf, type Message, membersOf, messagesIn, textOf } from './json-rpc.ts';
import { endOf, endOfCancelled } from './outcome.ts';
import { createToolCall, MAX_OPEN, type Peer, type ToolCall } from './tool-call.ts';
import { isVouched } from './vouched.ts';

export type Calls = Map<string, ToolCall>;
export type Sent =
  | { readonly kind: 'go' /** Made by this message and not answered yet. */; readonly calls: Calls }
  | { readonly kind: 'refused'; readonly error: VantioBlockedError };

/** One client and one server, over whatever transport: which tools are called, and what becomes of the calls. */
export type Conversation = ReturnType<typeof createConversation>;

/** MCP 2026: results name the server here, and nobody has to greet it first. */
const SERVER_INFO = 'io.modelcontextprotocol/serverInfo';

/** @param known the server, if it was greeted before */
export function createConversation(peer: Peer, known?: unknown) {
  const open: Calls = new Map();
  let server = nameOf(known);
  let greeting: string | undefined;

  function answered(message: Message, bytes: number, own: Calls | undefined): void {
    const key = keyOf(message);
    if (key === undefined || message.method !== undefined) return;
    const result = membersOf(message.result);
    if (key === greeting) {
      greeting = undefined;
      server = nameOf(result.serverInfo) ?? server;
    }
    server ??= nameOf(membersOf(result._meta)[SERVER_INFO]);
    const call = own?.get(key) ?? open.get(key);
    own?.delete(key);
    if (open.get(key) === call) open.delete(key);
    call?.ended({ bytes_received: bytes, ...endOf(message) }, server);
  }

  function forget(key: string, call: ToolCall): void {
    call.ended({ outcome: 'unknown' }, server);
    open.delete(key);
  }

  function called(message: Message, bytes: number): [ToolCall, VantioBlockedError | undefined] {
    // A name that is none is still a call: it is judged as one that no rule names.
    const tool = textOf(membersOf(message.params).name) ?? '';
    const ruling = judgeTool(tool, server);
    return [createToolCall(peer, { tool, server, bytes }, ruling), ruling.error];
  }

  return {
    /**
     * Before a message, or a batch of them, is sent. A refusal is for all of it: nothing of a batch may leave then.
     * @param bytes of the whole, as it is sent
     */
    sends(value: unknown, bytes: number): Sent {
      const messages = messagesIn(value);
      const made: (readonly [Message, ToolCall])[] = [];
      let refused: VantioBlockedError | undefined;
      for (const message of messages) {
        if (message.method === 'initialize') greeting = keyOf(message);
        if (message.method === 'notifications/cancelled') {
          const { requestId, reason } = membersOf(message.params);
          const key = keyOf({ id: requestId }) ?? '';
          open.get(key)?.ended(endOfCancelled(reason), server);
          open.delete(key);
        }
        if (message.method !== 'tools/call' || isVouched(message)) continue;
        const [call, error] = called(message, messages.length === 1 ? bytes : sizeOf(message));
        if (error) call.severed({});
        else made.push([message, call]);
        refused ??= error;
      }
      if (refused) {
        for (const [, call] of made) call.severed({ outcome: 'aborted' });
        return { kind: 'refused', error: refused };
      }
      const calls: Calls = new Map();
      for (const [message, call] of made) {
        const key = keyOf(message);
        // Without an id there is no answer.
        if (key === undefined) call.ended({ outcome: 'unknown' }, server);
        else {
          calls.set(key, call);
          open.set(key, call);
          const [oldest] = open.size > MAX_OPEN ? open : [];
          if (oldest) forget(...oldest);
        }
      }
      return { kind: 'go', calls };
    },

    /**
     * What came from the server.
     * @param own calls of the request that it answers, where the transport tells
     */
    hears(value: unknown, bytes: number, own?: Calls): void {
      const messages = messagesIn(value);
      for (const message of messages)
        answered(message, messages.length === 1 ? bytes : sizeOf(message), own);
    },

    /** No answer can come any more, to these calls or to any. */
    ends(end: Detail, calls: Calls = open): void {
      for (const [key, call] of [...calls]) {
        call.ended(end, server);
        if (open.get(key) === call) open.delete(key);
      }
      calls.clear();
    },
  };
}

const nameOf = (info: unknown): string | undefined => textOf(membersOf(info).name);

const sizeOf = (message: Message): number => Buffer.byteLength(JSON.stringify(message));
