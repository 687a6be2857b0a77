/** Numbers that a seed decides, so that what was found can be found again. */
export type Random = {
  /** A whole number from 0 to before `end`. */
  readonly below: (end: number) => number;
  readonly oneOf: <T>(values: readonly T[]) => T;
};

/** @param seed a whole number below 2^32. */
export function createRandom(seed: number): Random {
  // Mulberry32: short, and good enough to choose mutations by.
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number): number => Math.floor(next() * end);
  return {
    below,
    oneOf: <T>(values: readonly T[]): T => {
      const value = values[below(values.length)];
      if (value === undefined) throw new Error('there is nothing to choose from');
      return value;
    },
  };
}
