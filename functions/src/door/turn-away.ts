import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Refusal, refuse, sendRefusal } from './problem-response.ts';

/** How long a refused client may go on sending, so that it reads the refusal and no reset. */
const LINGER_MILLIS = 3_000;

/**
 * Answers, and reads on for a while without keeping anything: closing at once would reset the connection, and a client
 * that still is sending would never see the answer.
 */
export function turnAway(
  request: IncomingMessage,
  response: ServerResponse,
  refusal: Refusal,
): void {
  sendRefusal(response, refusal);
  if (request.complete) return;
  const end = setTimeout(() => request.socket.destroy(), LINGER_MILLIS);
  end.unref();
  request.once('close', () => clearTimeout(end));
  request.once('end', () => clearTimeout(end));
  request.resume();
}

export const overloaded = (): Refusal =>
  refuse(
    'overloaded',
    'too many bodies are under way; retry after the seconds in Retry-After',
    {},
    { 'retry-after': '1' },
  );
