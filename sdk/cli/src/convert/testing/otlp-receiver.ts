import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';

export type Reply = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

/**
 * Keeps the body of each request that it takes on a line of a file.
 * @param replies to the first requests, in turn; all others are taken.
 */
export async function startReceiver(
  test: TestContext,
  directory: string,
  replies: readonly Reply[] = [],
) {
  const file = join(directory, 'bodies.ndjson');
  const paths: string[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const server = createServer(async (request, response) => {
    const reply = replies[paths.length] ?? { status: 200 };
    paths.push(`${request.method} ${request.url}`);
    headers.push(request.headers);
    const body = await text(request);
    if (reply.status === 200) appendFileSync(file, `${body}\n`);
    response.writeHead(reply.status, reply.headers).end(reply.body ?? '{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}`, file, paths, headers };
}
