import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Envelope, parseEnvelope } from '@vantio/schema';
import { WIRE_LIMITS } from '@vantio/schema/wire/limits';

export type Answer =
  | 'store'
  | 'hang'
  | 'close'
  | 'garbage'
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> };

/**
 * An ingest that keeps what it is sent and answers as a test tells it to. Each line is read by the schema's own parser:
 * an envelope that is not valid fails the request.
 */
export async function startIngest(decide: (request: number) => Answer = () => 'store') {
  const envelopes: Envelope[] = [];
  const paths: string[] = [];
  const authorizations = new Set<string | undefined>();
  const traceparents = new Set<unknown>();
  let requests = 0;

  async function onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    paths.push(`${request.method} ${request.url}`);
    authorizations.add(request.headers.authorization);
    traceparents.add(request.headers.traceparent);
    const body = await bodyOf(request);
    const lines = body.trimEnd().split('\n');
    const answer = decide(requests++);
    if (Buffer.byteLength(body) > WIRE_LIMITS.wireBytes || lines.length > WIRE_LIMITS.records)
      return void response.writeHead(413).end('{}');
    if (answer === 'hang') return;
    if (answer === 'close') return void request.socket.destroy();
    if (answer === 'garbage') return void response.writeHead(202).end('<html>welcome</html>');
    if (answer !== 'store') return void response.writeHead(answer.status, answer.headers).end('{}');
    const batch = lines.map(parseEnvelope);
    const known = new Set(envelopes.map(({ record }) => record.event_id));
    envelopes.push(...batch.filter(({ record }) => !known.has(record.event_id)));
    const events = batch.map(({ record: { event_id } }) => ({
      event_id,
      status: known.has(event_id) ? 'duplicate' : 'accepted',
    }));
    response.writeHead(202, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ events }));
  }

  const listener: RequestListener = (request, response) => {
    onRequest(request, response).catch((error: unknown) => {
      faults.push(String(error));
      response.writeHead(422).end('{}');
    });
  };
  const faults: string[] = [];
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A test that fails before it closes the server must not hang.
  server.unref();
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    envelopes,
    paths,
    faults,
    authorizations,
    traceparents,
    listener,
    records: () => envelopes.map(({ record }) => record),
    requests: () => requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type Ingest = Awaited<ReturnType<typeof startIngest>>;

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  request.setEncoding('utf8');
  for await (const chunk of request) text += String(chunk);
  return text;
}
