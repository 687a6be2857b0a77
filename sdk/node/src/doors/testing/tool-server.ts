import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Json = Readonly<Record<string, unknown>>;
export type ToolServer = {
  readonly url: string;
  /** Models that were asked, in order. */
  readonly asked: readonly string[];
  readonly close: () => void;
};

/**
 * A model of OpenAI's (chat completions and responses) that calls the tools its prompt names, `Use a, b.`, and then says what
 * came of them. The model `stuck` begins to answer and never ends.
 */
export async function startToolServer(): Promise<ToolServer> {
  const asked: string[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Json;
    asked.push(String(body.model));
    const turn = request.url?.endsWith('/responses') ? turnOfResponses(body) : turnOfChat(body);
    const answer = request.url?.endsWith('/responses') ? responseOf(turn) : chatOf(turn);
    if (!body.stream) {
      response.writeHead(200, { 'content-type': 'application/json' });
      return void response.end(JSON.stringify(answer));
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const parts = request.url?.endsWith('/responses') ? responseEvents(answer) : chatEvents(turn);
    if (body.model === 'stuck') return void response.write(parts.slice(0, 1).join(''));
    response.end(parts.join(''));
  };
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.unref();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    asked,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** What the model does: calls tools, or says something. */
type Turn = { readonly tools: readonly string[] } | { readonly said: string };

function turnOf(prompt: string, results: readonly string[]): Turn {
  const [, names = ''] = /Use ([\w, -]+)\./.exec(prompt) ?? [];
  const tools = names.split(',').map((name) => name.trim());
  return names === '' || results.length > 0 ? { said: `Done: ${results.join('; ')}` } : { tools };
}

function turnOfChat({ messages }: Json): Turn {
  const all = messages as readonly { readonly role: string; readonly content: unknown }[];
  const text = (content: unknown): string =>
    typeof content === 'string' ? content : JSON.stringify(content);
  const ofRole = (role: string): readonly string[] =>
    all.filter((message) => message.role === role).map(({ content }) => text(content));
  return turnOf(ofRole('user').join(' '), ofRole('tool'));
}

function turnOfResponses({ input }: Json): Turn {
  const items = (typeof input === 'string' ? [{ role: 'user', content: input }] : input) as Json[];
  const results = items.filter(({ type }) => String(type).endsWith('_output'));
  const prompts = items.filter(({ role }) => role === 'user');
  return turnOf(
    prompts.map(({ content }) => JSON.stringify(content)).join(' '),
    results.map(({ output }) => (typeof output === 'string' ? output : JSON.stringify(output))),
  );
}

/** LangGraph takes a message for the same one by its id. */
let answers = 0;
const newId = (): string => `answer-${answers++}`;

const USAGE = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };
const call = (name: string, index: number) => ({
  id: `call_${index}`,
  type: 'function',
  function: { name, arguments: '{}' },
});

const messageOf = (turn: Turn): Json =>
  'said' in turn
    ? { role: 'assistant', content: turn.said }
    : { role: 'assistant', content: null, tool_calls: turn.tools.map(call) };
const reasonOf = (turn: Turn): string => ('said' in turn ? 'stop' : 'tool_calls');

const chatOf = (turn: Turn): Json => ({
  id: newId(),
  object: 'chat.completion',
  created: 1,
  model: 'model-1',
  choices: [{ index: 0, message: messageOf(turn), finish_reason: reasonOf(turn) }],
  usage: USAGE,
});

const event = (value: unknown): string =>
  `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`;

function chatEvents(turn: Turn): string[] {
  const id = newId();
  const chunk = (delta: unknown, more: Json = {}): string =>
    event({
      id,
      object: 'chat.completion.chunk',
      created: 1,
      model: 'model-1',
      choices: [{ index: 0, delta, finish_reason: null }],
      ...more,
    });
  const { tool_calls, ...message } = messageOf(turn);
  const calls = (tool_calls as object[] | undefined)?.map((one, index) => ({ index, ...one }));
  return [
    chunk(message),
    ...(calls ? [chunk({ tool_calls: calls })] : []),
    chunk({}, { choices: [{ index: 0, delta: {}, finish_reason: reasonOf(turn) }] }),
    chunk({}, { choices: [], usage: USAGE }),
    event('[DONE]'),
  ];
}

/** Of the shell that the model has as a tool of its own. */
const shellCall = (index: number) => ({
  id: `s${index}`,
  type: 'shell_call',
  status: 'completed',
  call_id: `call_${index}`,
  action: { commands: ['true'], timeout_ms: null, max_output_length: null },
});

const responseOf = (turn: Turn): Json => ({
  id: newId(),
  object: 'response',
  created_at: 1,
  model: 'model-1',
  status: 'completed',
  output:
    'said' in turn
      ? [
          {
            id: newId(),
            type: 'message',
            role: 'assistant',
            status: 'completed',
            content: [{ type: 'output_text', text: turn.said, annotations: [] }],
          },
        ]
      : turn.tools.map((name, index) =>
          name === 'shell_call'
            ? shellCall(index)
            : {
                id: `f${index}`,
                type: 'function_call',
                status: 'completed',
                call_id: `call_${index}`,
                name,
                arguments: '{}',
              },
        ),
  usage: {
    input_tokens: 11,
    output_tokens: 7,
    total_tokens: 18,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens_details: { reasoning_tokens: 0 },
  },
});

const responseEvents = (response: Json): string[] => [
  event({ type: 'response.created', sequence_number: 0, response: { ...response, output: [] } }),
  event({ type: 'response.completed', sequence_number: 1, response }),
];
