import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { anthropicMessages } from './anthropic-messages.ts';
import { type Completion, complete } from './completion.ts';
import { openaiChat } from './openai-chat.ts';
import { openaiResponses } from './openai-responses.ts';
import { type Reply, sendReply } from './reply.ts';

const MAX_BODY_BYTES = 1 << 20;

type Prompted = {
  readonly messages?: unknown;
  readonly input?: unknown;
  readonly system?: unknown;
};

const ROUTES: Readonly<Record<string, (request: object, completion: Completion) => Reply>> = {
  'POST /v1/chat/completions': openaiChat,
  'POST /v1/responses': openaiResponses,
  'POST /v1/messages': anthropicMessages,
};

function refusal(status: number, message: string): Reply {
  return { kind: 'json', status, body: { error: { type: 'invalid_request_error', message } } };
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseObject(text: string): (object & Prompted) | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

async function answer(request: IncomingMessage): Promise<Reply> {
  const path = request.url?.split('?')[0] ?? '/';
  if (request.method === 'GET' && path === '/v1/models') {
    return { kind: 'json', status: 200, body: { object: 'list', data: [] } };
  }
  const route = ROUTES[`${request.method} ${path}`];
  if (route === undefined) return refusal(404, `${request.method} ${path} is not served here`);
  const text = await readBody(request);
  if (text === undefined) return refusal(413, `the body is larger than ${MAX_BODY_BYTES} bytes`);
  const body = parseObject(text);
  if (body === undefined) return refusal(400, 'the body is not a JSON object');
  return route(body, complete([body.messages, body.input, body.system]));
}

export type Provider = {
  /** `http://127.0.0.1:port`, without a path. */
  readonly url: string;
  readonly close: () => Promise<void>;
};

/**
 * A stand-in for a model provider on loopback: it speaks the wire formats of OpenAI and Anthropic,
 * keeps nothing and logs nothing.
 */
export async function serveProvider(port = 0): Promise<Provider> {
  const server: Server = createServer((request, response) => {
    answer(request)
      .then((reply) => sendReply(response, reply))
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
