import type { Post } from '../load.ts';
import { percentile, post } from '../load.ts';
import { printRow } from '../row.ts';
import { startFunction } from './function-process.ts';

export type ColdStart = {
  readonly name: 'empty' | 'ingest' | 'writer' | 'quota';
  readonly source: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The first request, new for each process. */
  readonly first: (url: string) => Post;
  readonly targetMillis?: number;
  /** What its first answer waits for, in words. */
  readonly does: string;
};

const PROCESSES = 11;

type Times = { readonly listening: number; readonly answered: number };

/** Fresh processes, each from its start until it has answered its first request: one of each function in turn. */
export async function benchColdStarts(functions: readonly ColdStart[]): Promise<void> {
  const times = new Map<string, Times[]>(functions.map(({ name }) => [name, []]));
  // The first of each fills the page cache, and is not in the figures.
  for (let round = 0; round <= PROCESSES; round++)
    for (const each of functions) {
      const measured = await startOnce(each);
      if (round > 0) times.get(each.name)?.push(measured);
    }
  const medianOf = (name: string, pick: (each: Times) => number): number =>
    percentile((times.get(name) ?? []).map(pick), 0.5);
  const answered = ({ answered: millis }: Times): number => millis;
  const empty = medianOf('empty', answered);
  for (const { name, does, targetMillis } of functions) {
    const median = medianOf(name, answered);
    const listening = medianOf(name, (each) => each.listening);
    printRow({
      what: `cold start of ${name}: process to first answer (${does}), median of ${PROCESSES}`,
      measured: `${median.toFixed(0)} ms`,
      against: `listening after ${listening.toFixed(0)} ms; an empty function ${empty.toFixed(0)} ms`,
      ratio: median / empty,
      ...(targetMillis === undefined
        ? {}
        : { target: `≤ ${targetMillis} ms`, met: median <= targetMillis }),
    });
  }
}

async function startOnce({ name, source, environment, first }: ColdStart): Promise<Times> {
  const started = performance.now();
  const running = await startFunction({ name, source, environment });
  try {
    const listening = performance.now() - started;
    await post(first(running.url));
    return { listening, answered: performance.now() - started };
  } finally {
    await running.stop();
  }
}
