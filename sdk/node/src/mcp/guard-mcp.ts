import { debug } from '../context/debug.ts';
import { guardedOr } from '../enforce/guarded.ts';
import { targetOfOrigin } from '../observe/target.ts';
import { failureOf } from '../record/error-code.ts';
import { type Calls, type Conversation, createConversation } from './conversation.ts';
import { CLOSED } from './outcome.ts';
import type { Peer } from './tool-call.ts';
import { vouchedFor } from './vouched.ts';

type Anything = (...args: unknown[]) => unknown;
/** As the official SDK has it, in every version. */
type Transport = {
  send(message: unknown, ...rest: unknown[]): Promise<unknown>;
  onmessage?: Anything | undefined;
  onclose?: Anything | undefined;
};
type Client = {
  readonly transport?: Transport | undefined;
  connect(transport: Transport, ...rest: unknown[]): Promise<unknown>;
  getServerVersion?(): unknown;
};

const guarded = new WeakSet<object>();

/**
 * Has the tools that a client of MCP calls recorded, and held to policy where one is in force, over whatever transport.
 * The client and its transports get methods of their own; nothing else is touched.
 */
export function guardMcp(client: unknown): void {
  const own = client as Client & object;
  if (guarded.has(own)) return;
  const connect = own.connect;
  guarded.add(own);
  define(own, 'connect', function (this: unknown, transport: Transport, ...rest: unknown[]) {
    guardQuietly(transport);
    return Reflect.apply(connect, this, [transport, ...rest]);
  });
  if (own.transport) guardQuietly(own.transport, () => own.getServerVersion?.());
}

function guardQuietly(transport: Transport, server?: () => unknown): void {
  try {
    if (!guarded.has(transport)) guardTransport(transport, server?.());
  } catch (error) {
    debug('a transport of MCP could not be guarded', error);
  }
}

function guardTransport(transport: Transport, server: unknown): void {
  const { send } = transport;
  if (typeof send !== 'function') return;
  guarded.add(transport);
  const conversation = createConversation(peerOf(transport), server);
  define(transport, 'send', (message: unknown, ...rest: unknown[]): Promise<unknown> => {
    const sent = guardedOr('judging a tool', undefined, () => {
      listen(transport, conversation);
      return conversation.sends(message, sizeOf(message));
    });
    if (sent && 'error' in sent) return Promise.reject(sent.error);
    const calls = sent?.calls;
    const going = vouchedFor(message, () => Reflect.apply(send, transport, [message, ...rest]));
    if (calls?.size) watch(going, conversation, calls);
    return going as Promise<unknown>;
  });
}

/** What cannot be sent gets no answer. */
function watch(going: unknown, conversation: Conversation, calls: Calls): void {
  Promise.resolve(going).then(undefined, (error: unknown) =>
    quietly(() => conversation.ends(failureOf(error), calls)),
  );
}

/** A client sets its handlers when it connects, before it first sends; ours hands on to them. */
function listen(transport: Transport, conversation: Conversation): void {
  const { onmessage, onclose } = transport;
  if (onmessage === undefined || guarded.has(onmessage)) return;
  const hears = (message: unknown, ...rest: unknown[]): unknown => {
    quietly(() => conversation.hears(message, sizeOf(message)));
    return Reflect.apply(onmessage, transport, [message, ...rest]);
  };
  const closes = (...args: unknown[]): unknown => {
    quietly(() => conversation.ends(CLOSED));
    return onclose && Reflect.apply(onclose, transport, args);
  };
  guarded.add(hears);
  transport.onmessage = hears;
  transport.onclose = closes;
}

function quietly(body: () => void): void {
  try {
    body();
  } catch (error) {
    debug('an answer of MCP could not be read', error);
  }
}

/** A record names one of three transports: what has a URL is over HTTP, anything else is on this machine. */
function peerOf(transport: Transport): Peer {
  const { _url, url } = transport as { readonly _url?: unknown; readonly url?: unknown };
  const place = [_url, url].find((each) => each instanceof URL) as URL | undefined;
  if (place === undefined) return { transport: 'stdio', target: {} };
  const isSse = /sse/i.test(transport.constructor?.name ?? '');
  return { transport: isSse ? 'sse' : 'http', target: targetOfOrigin(place.origin) };
}

const sizeOf = (message: unknown): number => Buffer.byteLength(JSON.stringify(message) ?? '');

const define = (owner: object, name: string, value: unknown): void =>
  void Object.defineProperty(owner, name, { value, writable: true, configurable: true });
