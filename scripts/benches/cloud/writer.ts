import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { GENERATED_COLUMNS, INDEXES, WRITTEN_COLUMNS } from '../../../infra/src/cost/row-bytes.ts';
import { count, cpuSeconds, inTurn, post } from '../load.ts';
import { printRow } from '../row.ts';
import type { BareResult, BareTask } from './bare-client.ts';
import { onCore } from './cores.ts';
import { type FunctionProcess, startFunction } from './function-process.ts';
import type { Batch, WriterSurroundings } from './writer-surroundings.ts';

export type WriterBenchOptions = {
  readonly surroundings: WriterSurroundings;
  readonly environment: Readonly<Record<string, string>>;
  readonly source: string;
  readonly flags: readonly string[];
  /** Pushes under way, and commits of the bare client, at one time. */
  readonly hands: number;
  readonly rounds: number;
};

const BATCH = 500;
const BATCHES = 8;

type Total = { events: number; seconds: number };

/** `writer` through its HTTP door, beside the bare client that commits rows of the same kind in commits of the same size. */
export async function benchWriter(options: WriterBenchOptions): Promise<void> {
  const { surroundings, environment, source, flags, hands, rounds } = options;
  const writer = await startFunction({ name: 'writer', source, environment, flags, timed: true });
  const bare = startBareClient(environment);
  const agent = new Agent({ keepAlive: true });
  const batchesOf = (batches: number): readonly Batch[] => surroundings.makeBatches(batches, BATCH);
  const push = async (batches: readonly Batch[]): Promise<Total> => {
    const pushes = batches.map((batch) => surroundings.pushOf(batch, writer.url));
    const started = performance.now();
    await inTurn(pushes, hands, async (each) => void (await post(each, agent)));
    return { events: batches.length * BATCH, seconds: (performance.now() - started) / 1000 };
  };
  try {
    // Both open their sessions before the clock runs.
    await push(batchesOf(1));
    await commitBare(bare, surroundings.database, batchesOf(1), hands);
    await writer.takeSpans();
    const before = cpuSeconds(writer.pid);
    const [own, theirs]: [Total, Total] = [
      { events: 0, seconds: 0 },
      { events: 0, seconds: 0 },
    ];
    let mutations: number | undefined;
    for (let round = 0; round < rounds; round++) {
      const batches = batchesOf(BATCHES);
      const result = await commitBare(bare, surroundings.database, batches, hands);
      mutations = result.mutations;
      add(theirs, { events: batches.length * BATCH, seconds: result.seconds });
      add(own, await push(batchesOf(BATCHES)));
    }
    const cpu = cpuSeconds(writer.pid) - before;
    sayRates(own, theirs, cpu, hands);
    await sayCommits(own, writer, mutations);
  } finally {
    agent.destroy();
    bare.disconnect();
    await writer.stop();
  }
}

function sayRates(own: Total, theirs: Total, cpu: number, hands: number): void {
  const [rate, ceiling] = [own.events / own.seconds, theirs.events / theirs.seconds];
  printRow({
    what: `writer, pushes of ${BATCH} events, ${hands} at a time, into the emulator`,
    measured: `${count(rate)} events/s`,
    against: `the bare client with the same rows and commits ${count(ceiling)} rows/s`,
    ratio: rate / ceiling,
    target: '≥ 3,000/s, or ≥ 0.9 × the emulator',
    met: rate >= 3000 || rate / ceiling >= 0.9,
  });
  printRow({
    what: '… its own work: token, signature, records checked again, rows, commit',
    measured: `${count(own.events / cpu)} events per second of its CPU`,
    against: 'all threads and the kernel; without the database',
  });
}

async function sayCommits(
  own: Total,
  writer: FunctionProcess,
  mutations: number | undefined,
): Promise<void> {
  const { calls } = await writer.takeSpans();
  const commits = calls.filter(({ path: method }) => method.endsWith('/Commit')).length;
  printRow({
    what: 'writer, rows of a commit',
    measured: `${count(own.events / commits)}`,
    against: `${commits} commits for ${count(own.events)} events, counted on the wire`,
  });
  const perEvent =
    mutations === undefined ? WRITTEN_COLUMNS + INDEXES : mutations / (BATCHES * BATCH);
  printRow({
    what: 'writer, mutations of an event',
    measured: perEvent.toFixed(1),
    against:
      mutations === undefined
        ? `computed, as the emulator does not count (CommitStats asked for): ${WRITTEN_COLUMNS} columns written, ${INDEXES} indexes; ${perEvent + GENERATED_COLUMNS} if the generated columns count`
        : "the database's own count (CommitStats)",
  });
}

const add = (total: Total, { events, seconds }: Total): void => {
  total.events += events;
  total.seconds += seconds;
};

function startBareClient(environment: Readonly<Record<string, string>>): ChildProcess {
  const script = new URL('bare-client.ts', import.meta.url).pathname;
  const [file, ...rest] = onCore('function', [process.execPath, script]);
  return spawn(file, rest, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ...environment },
  });
}

async function commitBare(
  bare: ChildProcess,
  database: string,
  batches: readonly Batch[],
  hands: number,
): Promise<BareResult> {
  const task: BareTask = {
    database,
    batches: batches.map(({ lines }) => lines),
    receivedAt: batches[0]?.header.received_at ?? '',
    hands,
  };
  bare.send(task);
  const ended = once(bare, 'exit').then(([code]) => {
    throw new Error(`the bare client ended with ${code}`);
  });
  const [result] = await Promise.race([once(bare, 'message'), ended]);
  return result as BareResult;
}
