/** When witnesses had trees of which sizes: what promises and clocks are judged by. Times are seconds since the epoch. */
export function createWitnessTimes() {
  // Sizes rise, so that two running extremes answer everything.
  const sizes: number[] = [];
  const earliest: number[] = [];
  const latest: number[] = [];
  let soonest: readonly number[] | undefined;

  /** @param size not below that of the call before. */
  const add = (size: number, time: number): void => {
    soonest = undefined;
    const last = sizes.length - 1;
    if (sizes[last] === size) {
      earliest[last] = Math.min(earliest[last] as number, time);
      latest[last] = Math.max(latest[last] as number, time);
      return;
    }
    sizes.push(size);
    earliest.push(time);
    latest.push(Math.max(latest[last] ?? Number.NEGATIVE_INFINITY, time));
  };

  /** How many of the trees have at most so many leaves. */
  const upTo = (size: number): number => {
    let [from, to] = [0, sizes.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((sizes[middle] as number) <= size) from = middle + 1;
      else to = middle;
    }
    return from;
  };

  return {
    add,
    /** When a witness first had a tree with this leaf; infinity if none did. */
    firstWith: (index: number): number => {
      soonest ??= earliest.reduceRight<number[]>((times, time) => {
        times.push(Math.min(time, times.at(-1) ?? Number.POSITIVE_INFINITY));
        return times;
      }, []);
      return soonest[sizes.length - 1 - upTo(index)] ?? Number.POSITIVE_INFINITY;
    },
    /** When a witness last had a tree without this leaf; minus infinity if none did. */
    lastWithout: (index: number): number => latest[upTo(index) - 1] ?? Number.NEGATIVE_INFINITY,
  };
}

export type WitnessTimes = ReturnType<typeof createWitnessTimes>;
