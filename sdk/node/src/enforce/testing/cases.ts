import type { ServerKind } from './counting-servers.ts';

export type Case = {
  readonly server: ServerKind;
  /** Whether it sends a body that can be looked at. */
  readonly body: boolean;
  /** Whether it speaks a model's API. */
  readonly model: boolean;
};

const http: Case = { server: 'http', body: true, model: false };
const https: Case = { ...http, server: 'https' };
const http2s: Case = { ...http, server: 'http2s' };
const model: Case = { ...http, model: true };
const bare: Case = { server: 'http', body: false, model: false };

const STARTS = [
  'spawn',
  'exec',
  'execFile',
  'fork',
  'spawnSync',
  'execSync',
  'execFileSync',
  'Worker',
];

/** The call is made by the child or the worker. */
function children(): Readonly<Record<string, Case>> {
  return Object.fromEntries(
    STARTS.flatMap((name) => [
      [name, bare],
      [`${name} with an env of its own`, bare],
    ]),
  );
}

/** What fixtures/enforced/clients.mjs calls, in its order. */
export const CASES: Readonly<Record<string, Case>> = {
  fetch: http,
  'fetch https': https,
  'fetch of a stream': http,
  'undici 6 request': http,
  'undici 6 fetch': http,
  'undici 6 Agent': http,
  'undici 6 fetch with dispatcher:': http,
  'undici 7 request': http,
  'undici 7 fetch': http,
  'undici 7 Agent': http,
  'undici 7 fetch with dispatcher:': http,
  'undici 7 over HTTP/2': http2s,
  'http.request': http,
  'http.request in parts': http,
  'http.request without an agent': http,
  'http.request over a given connection': http,
  'https.request': https,
  http2: { ...http, server: 'http2' },
  'http2 over TLS': http2s,
  axios: http,
  got: http,
  'node-fetch': http,
  ws: bare,
  WebSocket: bare,
  'net.connect': bare,
  'net.connect by name': bare,
  'net.connect in another spelling': bare,
  'net.connect unix': { ...bare, server: 'unix' },
  'tls.connect': { ...bare, server: 'tls' },
  'openai chat': model,
  'openai chat, streamed': model,
  'openai responses': model,
  anthropic: model,
  'anthropic, streamed': model,
  genai: model,
  'ai with @ai-sdk/openai': model,
  'ai with @ai-sdk/openai, streamed': model,
  LangChain: model,
  'Bedrock over HTTP/1': model,
  'Bedrock over HTTP/2': { ...model, server: 'http2' },
  'Bedrock over HTTP/1 with guardBedrock': model,
  'Bedrock over HTTP/2 with guardBedrock': { ...model, server: 'http2' },
  ...children(),
};
