import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { type Enforced, traceOf } from '../enforce/testing/run-enforced.ts';
import { runSnippet } from './testing/run-snippet.ts';
import { startToolServer } from './testing/tool-server.ts';

const DOC = readFileSync(new URL('../../FRAMEWORKS.md', import.meta.url), 'utf8');
const MANIFEST = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const CLIENTS = JSON.parse(
  readFileSync(new URL('../../../../scripts/clients/package.json', import.meta.url), 'utf8'),
);

test('every further door has a section', () => {
  const imports = [...DOC.matchAll(/from '@vantio\/agent-sdk\/([\w-]+)'/g)].map(([, door]) => door);
  const doors = Object.keys(MANIFEST.exports).map((door) => door.slice(2));
  assert.deepEqual(
    new Set(imports),
    new Set(doors.filter((door) => door !== '' && !/^(register|package\.json)$/.test(door))),
  );
});

test('the versions that it names are those that tests hold it to', () => {
  const named = [...DOC.matchAll(/`(@?[\w/-]+)` (\d+(?:\.\d+)*)/g)];
  assert.ok(named.length >= 2);
  for (const [, name = '', version = ''] of named)
    assert.ok(`${CLIENTS.dependencies[name]}.`.startsWith(`${version}.`), `${name} ${version}`);
});

/** The snippet of a section. */
function snippetOf(section: string): string {
  const text = DOC.split(/^## /m).find((part) => part.startsWith(`${section}\n`)) ?? '';
  const [, code = ''] = /^```js\n([\s\S]*?)^```$/m.exec(text) ?? [];
  assert.notEqual(code, '', section);
  return code;
}

test('OpenTelemetry: the snippet exports its shield to the provider of the program', async () => {
  const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');
  server.unref();
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const code = `import * as otel from '@opentelemetry/sdk-trace-node';
    const exporter = new otel.InMemorySpanExporter();
    const spanProcessors = [new otel.SimpleSpanProcessor(exporter)];
    new otel.NodeTracerProvider({ spanProcessors }).register();
    ${snippetOf('OpenTelemetry')}
    console.log(await answer('http://127.0.0.1:${port}/'));
    console.log(exporter.getFinishedSpans().map(({ name }) => name).join());`;
  const { stdout, stderr } = await runSnippet(code, ['@opentelemetry/sdk-trace-node']);
  server.closeAllConnections();
  assert.equal(stdout, 'ok\ninvoke_agent support-agent\n', stderr);
});

test('Vercel AI SDK: the snippet answers with a tool, in one trace', async () => {
  const server = await startToolServer();
  const code = `${snippetOf('Vercel AI SDK')}\nconsole.log(await answer('Use read.'));`;
  const packages = ['ai', '@ai-sdk/openai', 'zod'];
  const env = { MODEL_URL: server.url, MODEL_KEY: 'none' };
  const ran = await runSnippet(code, packages, { env });
  server.close();
  assert.equal(ran.stdout, 'Done: The parcel left on Monday.\n', ran.stderr);
  assertOneTrace(ran, 'read');
});

test('LangChain: the snippet answers with a tool, in one trace', async () => {
  const server = await startToolServer();
  const code = `${snippetOf('LangChain')}\nconsole.log(await answer('Use read.'));`;
  const packages = ['@langchain/core', '@langchain/langgraph', '@langchain/openai', 'zod'];
  const env = { MODEL_URL: server.url, MODEL_KEY: 'none' };
  const ran = await runSnippet(code, packages, { env });
  server.close();
  assert.equal(ran.stdout, 'Done: The parcel left on Monday.\n', ran.stderr);
  assertOneTrace(ran, 'read');
});

test('OpenAI Agents SDK: the snippet answers with a tool, in one trace', async () => {
  const server = await startToolServer();
  const code = `${snippetOf('OpenAI Agents SDK')}\nconsole.log(await answer('Use read.'));`;
  const env = { MODEL_URL: server.url, MODEL_KEY: 'none' };
  const ran = await runSnippet(code, ['@openai/agents', 'zod'], { env });
  server.close();
  assert.equal(ran.stdout, 'Done: The parcel left on Monday.\n', ran.stderr);
  assertOneTrace(ran, 'read');
});

/** Of an agent that called a model, a tool and the model again. */
function assertOneTrace(ran: Enforced, tool: string): void {
  const records = traceOf('support-agent', ran);
  assert.equal(records.filter(({ event_type }) => event_type === 'http_request').length, 2);
  const calls = records.filter(({ event_type }) => event_type === 'tool_call');
  assert.deepEqual(
    calls.map(({ tool_name }) => tool_name),
    [tool],
  );
}
