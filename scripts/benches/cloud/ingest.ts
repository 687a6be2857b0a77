import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../../../functions/src/testing/seeded-random.ts';
import { type Body, createEmitter, makeBody } from '../batches.ts';
import { count, cpuSeconds, inTurn, type Post, percentile, post } from '../load.ts';
import { printRow } from '../row.ts';
import { type FunctionProcess, startFunction } from './function-process.ts';
import type { Spans } from './spans.ts';
import type { Surroundings } from './surroundings.ts';

export type IngestBenchOptions = {
  readonly surroundings: Surroundings;
  readonly environment: Readonly<Record<string, string>>;
  readonly source: string;
  readonly events: number;
  readonly flags: readonly string[];
  /** How its limits are counted, in words. */
  readonly limits: string;
};

const BATCH = 500;
const CONNECTIONS = 4;
/** Under the limit of a hundred requests a minute for each key. */
const BATCHES_PER_KEY = 90;
const WARM_UP_BATCHES = 160;
/** As infra/src/functions/environment.ts starts it. */
const NODE_OPTIONS = '--max-semi-space-size=2';
/** Events a second, and of a batch; the first is the one judged, the others show what load and larger batches do. */
const OFFERED = [
  { load: 5000, batch: 100, targetMillis: 15 },
  { load: 10_000, batch: 100 },
  { load: 10_000, batch: BATCH },
] as const satisfies readonly Offered[];
const OFFERED_SECONDS = 12;

type Offered = { readonly load: number; readonly batch: number; readonly targetMillis?: number };

/** `ingest` alone on a core, with a Pub/Sub that acknowledges at once: how much it takes, and what it adds. */
export async function benchIngest(options: IngestBenchOptions): Promise<void> {
  const { source, environment, flags } = options;
  const ingest = await startFunction({
    name: 'ingest',
    source,
    environment: { ...environment, NODE_OPTIONS },
    flags,
    timed: true,
  });
  const agent = new Agent({ keepAlive: true });
  try {
    await requireReceipt(options, ingest.url);
    await saturate(options, ingest, agent);
    for (const offered of OFFERED) await offer(options, ingest, agent, offered);
  } finally {
    agent.destroy();
    await ingest.stop();
  }
}

/** What is measured is what a project does: a batch is answered with a signed receipt. */
export async function requireReceipt(
  { surroundings }: Pick<IngestBenchOptions, 'surroundings'>,
  url: string,
): Promise<void> {
  const [body] = makeBodies(surroundings, 1, 1);
  if (body === undefined) throw new Error('no body was made');
  const { headers, bytes } = ingestPost(url, body);
  const answer = await fetch(url, { method: 'POST', headers, body: new Uint8Array(bytes) });
  const { receipt } = (await answer.json()) as { readonly receipt?: object };
  if (receipt === undefined)
    throw new Error(`ingest answered ${answer.status} and gave no receipt; its log says why`);
}

async function saturate(
  { surroundings, events, limits }: IngestBenchOptions,
  { url, pid, takeSpans }: FunctionProcess,
  agent: Agent,
): Promise<void> {
  const send = async (bodies: readonly Body[]): Promise<readonly number[]> => {
    const latencies: number[] = [];
    await inTurn(bodies, CONNECTIONS, async (body) => {
      latencies.push(await post(ingestPost(url, body), agent));
    });
    return latencies;
  };
  await send(makeBodies(surroundings, WARM_UP_BATCHES, BATCH));
  await takeSpans();
  const bodies = makeBodies(surroundings, Math.ceil(events / BATCH), BATCH);
  const [before, started] = [cpuSeconds(pid), performance.now()];
  const latencies = await send(bodies);
  const seconds = (performance.now() - started) / 1000;
  const cpu = cpuSeconds(pid) - before;
  const sent = bodies.length * BATCH;
  printRow({
    what: `ingest, batches of ${BATCH} on ${CONNECTIONS} connections, each answered with a receipt, one core, limits counted in ${limits}`,
    measured: `${count(sent / seconds)} events/s`,
    against: `${count(sent / cpu)} events per second of its CPU, all threads and the kernel`,
    target: '≥ 20,000/s',
    met: sent / seconds >= 20_000,
  });
  printRow({
    what: '… that core full: from send to acknowledgement, p99',
    measured: `${percentile(latencies, 0.99).toFixed(1)} ms`,
    against: `p50 ${percentile(latencies, 0.5).toFixed(1)} ms; ${CONNECTIONS} wait for the core`,
  });
}

/** Requests that come when they come, as from many emitters: exponential gaps, whether the one before is answered or not. */
async function offer(
  { surroundings }: IngestBenchOptions,
  { url, takeSpans }: FunctionProcess,
  agent: Agent,
  { load, batch, targetMillis }: Offered,
): Promise<void> {
  const bodies = makeBodies(surroundings, (load * OFFERED_SECONDS) / batch, batch);
  await takeSpans();
  const random = createRandom(batch);
  const under: Promise<number>[] = [];
  let due = performance.now();
  for (const body of bodies) {
    due += -Math.log(1 - random.next()) * (batch / load) * 1000;
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait);
    under.push(post(ingestPost(url, body), agent));
  }
  const latencies = await Promise.all(under);
  const added = addedMillis(await takeSpans());
  const p99 = percentile(added, 0.99);
  printRow({
    what: `ingest, batches of ${batch} at ${count(load)} events/s: what the handler adds to the publish call, p99`,
    measured: `${p99.toFixed(1)} ms`,
    against: `p50 ${percentile(added, 0.5).toFixed(1)} ms; with it and HTTP, at the client: p99 ${percentile(latencies, 0.99).toFixed(1)} ms`,
    ...(targetMillis === undefined
      ? {}
      : { target: `< ${targetMillis} ms`, met: p99 < targetMillis }),
  });
}

/**
 * From the request's head to the end of its answer, without the publish call that the answer waited for: the last one that
 * had ended by then. Reading the body, waiting for the core behind other requests, and the client library's own waiting for
 * company (2 ms) are in it.
 */
function addedMillis({ requests, calls }: Spans): readonly number[] {
  const publishes = calls
    .filter(({ path }) => path.endsWith('/Publish'))
    .toSorted((a, b) => a.to - b.to);
  return requests.map(({ from, to }) => {
    const call = publishes.findLast((each) => each.to <= to && each.from >= from);
    return to - from - (call === undefined ? 0 : call.to - call.from);
  });
}

function makeBodies({ newKey }: Surroundings, batches: number, events: number): readonly Body[] {
  let emitter = createEmitter(newKey('paid'));
  return Array.from({ length: batches }, (_, index) => {
    if (index % BATCHES_PER_KEY === 0) emitter = createEmitter(newKey('paid'));
    return makeBody(emitter, events);
  });
}

export const ingestPost = (url: string, { apiKey, bytes }: Body): Post => ({
  url,
  headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/x-ndjson' },
  bytes,
  status: 202,
});
