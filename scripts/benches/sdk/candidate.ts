/**
 * Runs one candidate in a process of its own and prints the nanoseconds of one call:
 * `candidate.ts <shield|fetch> <bare|vantio|otel|langfuse> [url]`.
 */
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

type Call = () => Promise<unknown>;
const [what = '', who = '', url = ''] = process.argv.slice(2);

const trivial = async (): Promise<number> => 1;

function startOtel(): void {
  const nowhere = {
    export: (_: unknown, done: (result: { code: number }) => void) => done({ code: 0 }),
    shutdown: async () => {},
  };
  const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(nowhere)] });
  provider.register();
}

async function shieldCall(): Promise<Call> {
  switch (who) {
    case 'vantio': {
      const { shield } = await import('@vantio/agent-sdk');
      return shield('trivial', trivial);
    }
    case 'otel': {
      startOtel();
      const { trace } = await import('@opentelemetry/api');
      const tracer = trace.getTracer('bench');
      return () =>
        tracer.startActiveSpan('trivial', async (span) => {
          const result = await trivial();
          span.end();
          return result;
        });
    }
    case 'langfuse': {
      startOtel();
      const { observe } = await import('@langfuse/tracing');
      return observe(trivial, { name: 'trivial' });
    }
    default:
      return trivial;
  }
}

async function fetchCall(): Promise<Call> {
  if (who === 'vantio') await import('@vantio/agent-sdk');
  if (who === 'otel') {
    startOtel();
    const { UndiciInstrumentation } = await import('@opentelemetry/instrumentation-undici');
    new UndiciInstrumentation().enable();
  }
  return async () => (await fetch(url)).arrayBuffer();
}

async function measure(call: Call, calls: number): Promise<number> {
  const start = process.hrtime.bigint();
  for (let i = 0; i < calls; i++) await call();
  return Number(process.hrtime.bigint() - start) / calls;
}

const call = what === 'shield' ? await shieldCall() : await fetchCall();
const calls = what === 'shield' ? 100_000 : 10_000;
await measure(call, what === 'shield' ? 20_000 : 1000);
const cpu = process.cpuUsage();
const nanoseconds = await measure(call, calls);
const { user, system } = process.cpuUsage(cpu);
console.log(JSON.stringify({ nanoseconds, cpu: ((user + system) * 1000) / calls }));
process.exit(0);
