// An agent that calls a model whenever it is asked to over HTTP, which is where Zen looks at calls at all:
// `candidate.mjs bare|vantio|otel|zen URL`. Prints its port; `GET /?calls=N&body=values|plain` runs one block.
import { createServer } from 'node:http';
import { CHAT_BODY, PLAIN_BODY } from '../redact/texts.ts';

const [who, url] = process.argv.slice(2);
const BODIES = { values: CHAT_BODY, plain: PLAIN_BODY };
let flush = async () => {};

if (who === 'vantio') flush = (await import('@vantio/agent-sdk')).flush;
if (who === 'otel') {
  const { BatchSpanProcessor, NodeTracerProvider } = await import('@opentelemetry/sdk-trace-node');
  const { UndiciInstrumentation } = await import('@opentelemetry/instrumentation-undici');
  const exporter = { export: (_, done) => done({ code: 0 }), shutdown: async () => {} };
  const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
  provider.register();
  new UndiciInstrumentation().enable();
  flush = () => provider.forceFlush();
}

const HEADERS = { 'content-type': 'application/json', authorization: 'Bearer bench' };
let number = 0;
/** No two calls send the same: what was looked at before helps nobody. */
function written(body) {
  const { messages, ...rest } = JSON.parse(body);
  for (const message of messages) message.content = message.content.replace('#', String(number));
  number++;
  return JSON.stringify({ ...rest, messages });
}
const cpuNow = () => {
  const { user, system } = process.cpuUsage();
  return user + system;
};
const turn = () => new Promise((resolve) => setImmediate(resolve));

async function ask(body) {
  const response = await fetch(url, { method: 'POST', headers: HEADERS, body });
  const { usage } = await response.json();
  if (usage.total_tokens !== 908) throw new Error('the answer did not come whole');
}

/** Microseconds of a call: on its way, of CPU meanwhile, and of CPU at the flush behind them all. */
async function run(calls, body) {
  const bodies = Array.from({ length: calls }, () => written(body));
  const cpu = cpuNow();
  const start = process.hrtime.bigint();
  for (const each of bodies) await ask(each);
  const wall = Number(process.hrtime.bigint() - start) / 1000;
  const spent = cpuNow() - cpu;
  await flush();
  await turn();
  const after = cpuNow() - cpu - spent;
  return { wall: wall / calls, cpu: spent / calls, after: after / calls };
}

const server = createServer((request, response) => {
  const { searchParams } = new URL(request.url, 'http://localhost');
  run(Number(searchParams.get('calls')), BODIES[searchParams.get('body')]).then(
    (cost) => response.end(JSON.stringify(cost)),
    (error) => response.writeHead(500).end(String(error?.cause ?? error)),
  );
});
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
