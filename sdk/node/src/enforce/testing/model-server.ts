import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerOf } from './provider.ts';

export type ModelServer = {
  readonly url: string;
  /** Requests that came. */
  readonly asked: () => number;
  readonly close: () => void;
};

/**
 * A provider of models: `flaky` fails two times, `down` always; a path that ends in `broken` breaks off in the middle, one that ends in
 * `stuck` never ends, and one that ends in `moved` is elsewhere.
 */
export async function startModelServer(): Promise<ModelServer> {
  let asked = 0;
  let flaky = 0;
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    asked++;
    const { url = '', headers, method = '' } = request;
    const body = Buffer.concat(chunks);
    const { model } = JSON.parse(body.toString()) as { readonly model: string };
    if (model === 'down' || (model === 'flaky' && flaky++ < 2)) {
      response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":{}}');
      return;
    }
    if (url.endsWith('moved')) {
      response.writeHead(307, { location: '/v1/chat/completions' }).end();
      return;
    }
    const { type, parts } = answerOf({ method, path: url, headers, body });
    response.writeHead(200, { 'content-type': type });
    if (!/broken$|stuck$/.test(url)) return void response.end(parts.join(''));
    response.write(parts.slice(0, 3).join(''));
    if (url.endsWith('broken')) setTimeout(() => response.destroy(), 50);
  };
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.unref();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked: () => asked,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
