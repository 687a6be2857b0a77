import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { printRow } from '../row.ts';
import { type Job, makeJobs, runJob, type Took } from './jobs.ts';
import { estimate, percent } from './statistics.ts';
import { agent, bcc, bpftrace, compiledBcc, type Watcher } from './watchers.ts';

const ROUNDS = Number(process.env.VANTIO_BENCH_ROUNDS ?? 12);
/** No further round is begun that would end later: where a machine is busy, there are fewer of them, and the rows say how many. */
const BUDGET_MS = 9 * 60_000;
const FEWEST = 2;

type Way = {
  readonly name: string;
  /** Of the job's own processor time; none where there is no target. */
  readonly limit?: number;
  readonly start: () => Promise<Watcher>;
};

/** One job beside a watcher, and beside nobody, just before and just after. */
type Pair = {
  readonly bare: Took;
  readonly watched: Took;
  /** Seconds of processor time that the watcher had meanwhile, and for what it had still to do. */
  readonly watching: number;
};

type Found = { readonly pairs: Map<string, Pair[]>; lost: number };

/** What watches gathers for a second before it writes. */
const SETTLE_MS = 1200;

/** In rounds whose order changes, so that what else the machine does falls on all: nobody, one watcher, nobody, the next, … nobody. */
export async function measureOverhead(
  scratch: string,
  program: string,
  apiKey: string,
): Promise<void> {
  const folder = join(scratch, 'jobs');
  mkdirSync(folder, { recursive: true });
  const jobs = makeJobs(folder);
  const place = (name: string): string => {
    const own = join(scratch, name);
    rmSync(own, { recursive: true, force: true });
    mkdirSync(own, { recursive: true });
    return own;
  };
  const ways: readonly Way[] = [
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
    {
      name: 'bcc execsnoop and opensnoop as Debian compiled them',
      start: () => compiledBcc(place('compiled')),
    },
  ];
  const found = new Map<string, Found>();
  const absent = new Map<string, string>();
  const bare = (): Took[] => jobs.map((job) => runJob(job, []));
  bare();
  let before = bare();
  const begun = performance.now();
  const isTime = (round: number): boolean => {
    const each = (performance.now() - begun) / round;
    return round < FEWEST || (round < ROUNDS && each * (round + 1) < BUDGET_MS);
  };
  for (let round = 0; isTime(round); round++) {
    for (const way of rotated(ways, round)) {
      if (absent.has(way.name)) continue;
      const one = found.get(way.name) ?? { pairs: new Map<string, Pair[]>(), lost: 0 };
      found.set(way.name, one);
      try {
        const watched = await beside(way, jobs, one);
        const after = bare();
        jobs.forEach(({ name }, at) => {
          const pair = pairOf(before[at], after[at], watched[at]);
          one.pairs.set(name, [...(one.pairs.get(name) ?? []), ...pair]);
        });
        before = after;
      } catch (error) {
        if (way.limit !== undefined) throw error;
        absent.set(way.name, error instanceof Error ? error.message : String(error));
      }
    }
    process.stderr.write(`round ${round + 1} of at most ${ROUNDS}\n`);
  }
  for (const job of jobs) {
    for (const way of ways) printPair(job, way, found, absent);
    printBeside(job, ways, found);
  }
}

type Watched = { readonly took: Took; readonly watching: number };

async function beside(way: Way, jobs: readonly Job[], found: Found): Promise<Watched[]> {
  const watcher = await way.start();
  const all: Watched[] = [];
  try {
    for (const job of jobs) {
      const before = watcher.cpu();
      const took = runJob(job, watcher.wrapper);
      await sleep(SETTLE_MS);
      all.push({ took, watching: watcher.cpu() - before });
    }
  } finally {
    found.lost += await watcher.end();
  }
  return all;
}

function pairOf(before?: Took, after?: Took, watched?: Watched): Pair[] {
  if (before === undefined || after === undefined || watched === undefined) return [];
  const bare = { wall: (before.wall + after.wall) / 2, cpu: (before.cpu + after.cpu) / 2 };
  return [{ bare, watched: watched.took, watching: watched.watching }];
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

function printPair(
  job: Job,
  way: Way,
  found: ReadonlyMap<string, Found>,
  absent: ReadonlyMap<string, string>,
): void {
  const what = `${job.name} job beside ${way.name}`;
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
    what: `${what}, ${all.length} rounds`,
    measured: `CPU of the job ${percent(more)}`,
    against: `CPU of the watcher ${percent(own)} of the job's; wall ${percent(wall)}; ${lost} events lost in all`,
    ...(way.limit === undefined
      ? {}
      : { target: `≤ ${way.limit * 100} %`, met: more.mean <= way.limit }),
  });
}
