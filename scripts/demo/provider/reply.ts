import type { ServerResponse } from 'node:http';

/** A server-sent event; a string is sent as it is (`[DONE]`), anything else as JSON. */
export type SseEvent = { readonly event?: string; readonly data: unknown };

/** What a wire format answers: one JSON document, or the events of a stream. */
export type Reply =
  | { readonly kind: 'json'; readonly status: number; readonly body: unknown }
  | { readonly kind: 'stream'; readonly events: readonly SseEvent[] };

export function sendReply(response: ServerResponse, reply: Reply): void {
  if (reply.kind === 'json') {
    response.writeHead(reply.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(reply.body));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  for (const { event, data } of reply.events) {
    const name = event === undefined ? '' : `event: ${event}\n`;
    const text = typeof data === 'string' ? data : JSON.stringify(data);
    response.write(`${name}data: ${text}\n\n`);
  }
  response.end();
}
