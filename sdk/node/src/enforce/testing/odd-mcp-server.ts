import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { membersOf, parsed } from '../../mcp/json-rpc.ts';

const EVENTS = { 'content-type': 'text/event-stream' };
const JSON_TYPE = { 'content-type': 'application/json' };

const answer = (id: unknown, result: object): string =>
  JSON.stringify({ jsonrpc: '2.0', id, result });
const greeting = (id: unknown): string =>
  answer(id, {
    protocolVersion: '2025-06-18',
    capabilities: { tools: {} },
    serverInfo: { name: 'odd', version: '1' },
  });
const said = (id: unknown): string => answer(id, { content: [{ type: 'text', text: 'hi' }] });

type Asked = { readonly path: string; readonly encoding: string | undefined };

/** Streamable HTTP by hand: each path answers calls of tools in a way that the official server does not. */
export async function startOddServer() {
  const asked: Asked[] = [];
  let broken: unknown;

  const calls: Readonly<Record<string, (id: unknown, response: ServerResponse) => void>> = {
    // The stream ends before the answer, and is taken up again by GET.
    '/resumed': (id, response) => {
      broken = id;
      response.writeHead(200, EVENTS).end('id: 1\nretry: 10\ndata: \n\n');
    },
    '/cut': (_, response) => void response.destroy(),
    '/broken': (_, response) => {
      response.writeHead(200, EVENTS);
      response.write(': nothing yet\n\n');
      setTimeout(() => response.destroy(), 50);
    },
    '/failing': (_, response) => void response.writeHead(500).end('no'),
    '/unanswered': (_, response) => void response.writeHead(200, JSON_TYPE).end('{}'),
    '/moved': (_, response) => void response.writeHead(307, { location: '/plain' }).end(),
    '/plain': (id, response) => void response.writeHead(200, JSON_TYPE).end(said(id)),
    '/long': (id, response) => {
      const progress = { jsonrpc: '2.0', method: 'notifications/progress', params: {} };
      response.writeHead(200, EVENTS);
      // An answer in several pieces and several lines of data, with other ends of lines.
      const [first, second] = [said(id).slice(0, 20), said(id).slice(20)];
      response.write(`event: message\r\ndata: ${JSON.stringify(progress)}\r\n\r\n`);
      response.write(`data:${first}`);
      setTimeout(() => response.end(`${second}\n\n`), 20);
    },
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    if (request.method === 'GET') {
      if (request.headers['last-event-id'] === undefined) response.writeHead(405).end();
      else response.writeHead(200, EVENTS).end(`id: 2\ndata: ${said(broken)}\n\n`);
      return;
    }
    let text = '';
    for await (const part of request) text += part;
    const { id, method } = membersOf(parsed(text));
    if (method === 'tools/call') {
      asked.push({ path, encoding: request.headers['accept-encoding'] as string | undefined });
      calls[path]?.(id, response);
    } else if (id === undefined) response.writeHead(202).end();
    else response.writeHead(200, JSON_TYPE).end(greeting(id));
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
