import { type Conversation, createConversation } from '../../mcp/conversation.ts';
import type { Peer } from '../../mcp/tool-call.ts';
import { targetOf } from '../../observe/target.ts';
import type { Outgoing } from '../body/body-guard.ts';

const MAX_SESSIONS = 1000;

/** Conversations over HTTP, by where they are had. The oldest give way. */
const sessions = new Map<string, Conversation>();

type Place = Pick<Outgoing, 'host' | 'port' | 'path'>;

const keyOf = ({ host, port, path }: Place, session: string): string =>
  JSON.stringify([host, port, path, session]);

const sessionIdOf = (request: Outgoing): string => request.header('mcp-session-id') ?? '';

export const newConversation = (
  { host, port }: Place,
  transport: Peer['transport'],
): Conversation => createConversation({ transport, target: targetOf(host, port) });

/** The conversation that a request names by its header, or that is had there without a session. */
export const knownConversation = (request: Outgoing): Conversation | undefined =>
  sessions.get(keyOf(request, sessionIdOf(request)));

export function conversationOf(request: Outgoing): Conversation {
  const known = knownConversation(request);
  if (known) return known;
  const made = newConversation(request, 'http');
  keepConversation(request, sessionIdOf(request), made);
  return made;
}

export function keepConversation(place: Place, session: string, made: Conversation): void {
  const key = keyOf(place, session);
  sessions.delete(key);
  const [oldest] = sessions.size < MAX_SESSIONS ? [] : sessions.keys();
  if (oldest !== undefined) forget(oldest);
  sessions.set(key, made);
}

function forget(key: string): void {
  sessions.get(key)?.ends({ outcome: 'unknown' });
  sessions.delete(key);
}

/** Where the messages of an event stream are to be sent to, as it says itself. */
const endpoints = new Map<string, Conversation>();

export const endpointConversation = (request: Outgoing): Conversation | undefined =>
  endpoints.size === 0 ? undefined : endpoints.get(keyOf(request, ''));

/** @returns how it is closed */
export function openEndpoint(place: Place, conversation: Conversation): () => void {
  const key = keyOf(place, '');
  endpoints.set(key, conversation);
  return () => {
    if (endpoints.get(key) === conversation) endpoints.delete(key);
  };
}
