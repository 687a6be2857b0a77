import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { printRow } from '../row.ts';
import { type Job, makeJobs, runJob, type Took } from './jobs.ts';
import { estimate, percent } from './statistics.ts';
import { agent, bcc, bpftrace, type Watcher } from './watchers.ts';

const ROUNDS = Number(process.env.VANTIO_BENCH_ROUNDS ?? 10);

type Way = {
  readonly name: string;
  /** Of the job's own processor time; none where there is no target. */
  readonly limit?: number;
  readonly start: () => Promise<Watcher>;
};

/** One job beside a watcher, and beside nobody just before. */
type Pair = {
  readonly bare: Took;
  readonly watched: Took;
  /** Seconds of processor time that the watcher had meanwhile. */
  readonly watching: number;
};

type Found = { readonly pairs: Map<string, Pair[]>; lost: number };

const NOBODY: Watcher = { wrapper: [], cpu: () => 0, end: async () => 0 };

/** Each job twice beside nobody and once beside each watcher, in rounds whose order changes, so that what else the machine does falls on all. */
export async function measureOverhead(
  scratch: string,
  program: string,
  apiKey: string,
): Promise<void> {
  const folder = join(scratch, 'jobs');
  mkdirSync(folder, { recursive: true });
  const jobs = makeJobs(folder);
  for (const job of jobs) runJob(job, []);
  const place = (name: string): string => {
    const own = join(scratch, name);
    rmSync(own, { recursive: true, force: true });
    mkdirSync(own, { recursive: true });
    return own;
  };
  const ways: Way[] = [
    {
      name: 'vantio-agent, job not under it',
      limit: 0.01,
      start: () => agent(place('beside'), program, apiKey, false),
    },
    {
      name: 'vantio-agent, job under it',
      limit: 0.02,
      start: () => agent(place('under'), program, apiKey, true),
    },
    {
      name: 'bpftrace one-liners for fork, exec, exit and open',
      start: () => bpftrace(place('bpftrace')),
    },
    { name: 'bcc execsnoop, opensnoop and sslsniff', start: () => bcc(place('bcc')) },
  ];
  const found = new Map<string, Found>();
  const absent = new Map<string, string>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const way of rotated(ways, round)) {
      if (absent.has(way.name)) continue;
      try {
        const one = found.get(way.name) ?? { pairs: new Map<string, Pair[]>(), lost: 0 };
        found.set(way.name, one);
        await measure(way, jobs, one);
      } catch (error) {
        if (way.limit !== undefined) throw error;
        absent.set(way.name, error instanceof Error ? error.message : String(error));
      }
    }
  }
  for (const job of jobs) {
    for (const way of ways) printPair(job, way, found, absent);
    printBeside(job, ways, found);
  }
}

/** What the job takes longer, and the watcher beside it. */
const together = ({ bare, watched, watching }: Pair): number =>
  (watched.cpu + watching) / bare.cpu - 1;

/** Ours against the others: with a job under it, which is what they do. */
function printBeside(job: Job, ways: readonly Way[], found: ReadonlyMap<string, Found>): void {
  const [, ours, ...others] = ways;
  const of = (way: Way | undefined) => {
    const one = found.get(way?.name ?? '');
    const pairs = one?.pairs.get(job.name) ?? [];
    if (way === undefined || one === undefined || pairs.length < 2) return [];
    return [{ name: way.name, cpu: estimate(pairs.map(together)), lost: one.lost }];
  };
  const [own] = of(ours);
  const peers = others.flatMap(of);
  if (own === undefined || peers.length === 0) return;
  printRow({
    what: `${job.name} job: CPU of vantio-agent and what the job takes longer under it, together`,
    measured: `${percent(own.cpu)}, ${own.lost} lost`,
    against: peers.map(({ name, cpu, lost }) => `${name} ${percent(cpu)}, ${lost} lost`).join('; '),
    target: 'lower',
    met: peers.every(({ cpu, lost }) => own.cpu.mean < cpu.mean && own.lost <= lost),
  });
}

function rotated<T>(values: readonly T[], by: number): readonly T[] {
  const at = by % values.length;
  return [...values.slice(at), ...values.slice(0, at)];
}

/** The bare run stands right before the watched one of the same job, when the watcher is not there yet. */
async function measure(way: Way, jobs: readonly Job[], found: Found): Promise<void> {
  const bare = jobs.map((job) => runJob(job, NOBODY.wrapper));
  const watcher = await way.start();
  const pairs: [string, Pair][] = [];
  try {
    jobs.forEach((job, at) => {
      const before = watcher.cpu();
      const watched = runJob(job, watcher.wrapper);
      const without = bare[at] ?? watched;
      pairs.push([job.name, { bare: without, watched, watching: watcher.cpu() - before }]);
    });
  } finally {
    found.lost += await watcher.end();
  }
  for (const [name, pair] of pairs) found.pairs.set(name, [...(found.pairs.get(name) ?? []), pair]);
}

function printPair(
  job: Job,
  way: Way,
  found: ReadonlyMap<string, Found>,
  absent: ReadonlyMap<string, string>,
): void {
  const what = `${job.name} job beside ${way.name}, ${ROUNDS} rounds`;
  const why = absent.get(way.name);
  const { pairs = new Map<string, Pair[]>(), lost = 0 } = found.get(way.name) ?? {};
  const all = pairs.get(job.name) ?? [];
  if (why !== undefined || all.length < 2) {
    printRow({ what, measured: `not measured: ${why ?? 'too few rounds'}` });
    return;
  }
  const more = estimate(all.map(({ bare, watched }) => watched.cpu / bare.cpu - 1));
  const wall = estimate(all.map(({ bare, watched }) => watched.wall / bare.wall - 1));
  const own = estimate(all.map(({ bare, watching }) => watching / bare.cpu));
  printRow({
    what,
    measured: `CPU of the job ${percent(more)}`,
    against: `CPU of the watcher ${percent(own)} of the job's; wall ${percent(wall)}; ${lost} events lost in all`,
    ...(way.limit === undefined
      ? {}
      : { target: `≤ ${way.limit * 100} %`, met: more.mean <= way.limit }),
  });
}
