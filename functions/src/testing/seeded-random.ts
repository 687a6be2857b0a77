/** Chances that a seed brings about again, as far as what asks for them asks in the same order. */
export type Random = {
  /** 0 ≤ x < 1 */
  readonly next: () => number;
  /** 0 ≤ n < bound */
  readonly below: (bound: number) => number;
  readonly pick: <T>(from: readonly T[]) => T;
  /** So many different numbers below a bound. */
  readonly some: (count: number, bound: number) => ReadonlySet<number>;
};

/** mulberry32: 32 bits of state, enough for a test. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (bound: number): number => Math.floor(next() * bound);
  return {
    next,
    below,
    pick: <T>(from: readonly T[]): T => {
      const picked = from[below(from.length)];
      if (picked === undefined) throw new RangeError('nothing to pick from');
      return picked;
    },
    some: (count, bound) => {
      const chosen = new Set<number>();
      while (chosen.size < count) chosen.add(below(bound));
      return chosen;
    },
  };
}
