import { createRandom } from '../../functions/src/testing/seeded-random.ts';
import { mutate } from './mutate.ts';

/** A parser and what it promises about any text. */
export type Target = {
  readonly name: string;
  /** Texts that are accepted. */
  readonly samples: readonly string[];
  /**
   * Accepts the text by returning, or refuses it by throwing what `isRefusal` knows.
   * Throws anything else if what it accepted is not what it promises.
   */
  readonly judge: (text: string) => void;
  readonly isRefusal: (error: unknown) => error is Error;
};

export type FuzzReport = {
  readonly name: string;
  readonly seed: number;
  readonly inputs: number;
  readonly accepted: number;
  /** How many different refusals were seen. */
  readonly refusals: number;
  readonly broken?: { readonly text: string; readonly error: unknown };
};

/** So many texts are kept to be mutated further. */
const MAX_POOL = 1000;
const MAX_LENGTH = 100_000;

/** Microseconds of processor time: a fuzzer that shares its machine tries as much as one that has it alone. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Mutates the samples of a target until it breaks its promise or its seconds of processor time are over. The seed decides the order of inputs. */
export function fuzz(target: Target, seconds: number, seed: number): FuzzReport {
  const { name, samples, judge, isRefusal } = target;
  const random = createRandom(seed);
  const pool = [...samples];
  const refusals = new Set<string>();
  let [inputs, accepted] = [0, 0];
  const report = (): FuzzReport => ({ name, seed, inputs, accepted, refusals: refusals.size });
  const keep = (text: string): void => {
    if (pool.length < MAX_POOL) pool.push(text);
    else pool[samples.length + random.below(MAX_POOL - samples.length)] = text;
  };
  for (const sample of samples) judge(sample);
  const end = processorTime() + seconds * 1_000_000;
  while (processorTime() < end) {
    // What was kept drifts away from what is signed: half of the inputs stay near the samples.
    const text = mutate(random.pick([samples, pool]), random).slice(0, MAX_LENGTH);
    inputs++;
    try {
      judge(text);
      accepted++;
      keep(text);
    } catch (error) {
      if (!isRefusal(error)) return { ...report(), broken: { text, error } };
      // A refusal that is new was reached by a way that is new: go on from there.
      const kind = error.message.replace(/[0-9]+/g, 'N');
      if (refusals.has(kind)) continue;
      refusals.add(kind);
      keep(text);
    }
  }
  return report();
}
