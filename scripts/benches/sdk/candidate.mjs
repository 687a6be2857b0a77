// Runs one candidate in a process of its own and prints what a call costs:
// `candidate.mjs shield|fetch|import bare|vantio|otel|langfuse [url]`. Plain JavaScript, for Node 20 has to run it.
const [what, who, url] = process.argv.slice(2);
const CALLS = { shield: 100_000, fetch: 10_000 };
const WARM_UP = { shield: 20_000, fetch: 1000 };
// Fewer calls than one flush takes. Between the blocks both sides flush, outside the clock: hashing, MAC and signing
// happen there, off the caller's path. The CPU that is printed beside has all of it.
const BLOCK = 400;
let flush = async () => {};

const trivial = async () => 1;

async function startOtel() {
  const { BatchSpanProcessor, NodeTracerProvider } = await import('@opentelemetry/sdk-trace-node');
  const exporter = { export: (_, done) => done({ code: 0 }), shutdown: async () => {} };
  const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
  provider.register();
  flush = () => provider.forceFlush();
}

async function shieldCall() {
  if (who === 'vantio') {
    const { shield, ...sdk } = await import('@vantio/agent-sdk');
    flush = sdk.flush;
    return shield('trivial', trivial);
  }
  if (who === 'bare') return trivial;
  await startOtel();
  if (who === 'langfuse') {
    const { observe } = await import('@langfuse/tracing');
    return observe(trivial, { name: 'trivial' });
  }
  const { trace } = await import('@opentelemetry/api');
  const tracer = trace.getTracer('bench');
  return () =>
    tracer.startActiveSpan('trivial', async (span) => {
      const result = await trivial();
      span.end();
      return result;
    });
}

async function fetchCall() {
  if (who === 'vantio') flush = (await import('@vantio/agent-sdk')).flush;
  if (who === 'otel') {
    await startOtel();
    const { UndiciInstrumentation } = await import('@opentelemetry/instrumentation-undici');
    new UndiciInstrumentation().enable();
  }
  return async () => (await fetch(url)).arrayBuffer();
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

async function run(call, calls) {
  let spent = 0n;
  for (let done = 0; done < calls; done += BLOCK) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < BLOCK; i++) await call();
    spent += process.hrtime.bigint() - start;
    await flush();
    await turn();
  }
  return Number(spent) / calls;
}

if (what === 'import') {
  const start = performance.now();
  await import('@vantio/agent-sdk');
  console.log(JSON.stringify({ nanoseconds: (performance.now() - start) * 1e6, cpu: 0 }));
} else {
  const call = what === 'shield' ? await shieldCall() : await fetchCall();
  await run(call, WARM_UP[what]);
  const before = process.cpuUsage();
  const nanoseconds = await run(call, CALLS[what]);
  const { user, system } = process.cpuUsage(before);
  console.log(JSON.stringify({ nanoseconds, cpu: ((user + system) * 1000) / CALLS[what] }));
}
process.exit(0);
