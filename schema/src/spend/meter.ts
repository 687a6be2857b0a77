/** Counts against one allowance, all in micro-dollars. */
export type Meter = {
  /** Paid for, without what is reserved. */
  used(): number;
  reserved(): number;
  /** May still be reserved; never below 0. */
  left(): number;
  /** @returns undefined when it does not fit; unless forced, as for a cap that is only told of. */
  reserve(amount: number, forced?: boolean): Reservation | undefined;
};

export type Reservation = {
  readonly amount: number;
  /** Puts what it cost in the place of what was reserved; from the second time on nothing. @returns used, with it */
  settle(cost: number): number;
};

/**
 * What is used goes beyond the allowance by no more than calls cost beyond what was reserved for them: together with what
 * is reserved it never does otherwise.
 */
export function createMeter(allowance: number): Meter {
  let used = 0;
  let reserved = 0;
  const left = (): number => Math.max(0, allowance - used - reserved);
  return {
    used: () => used,
    reserved: () => reserved,
    left,
    reserve(amount, forced = false) {
      if (amount > left() && !forced) return undefined;
      reserved += amount;
      let open = true;
      return {
        amount,
        settle(cost) {
          if (!open) return used;
          open = false;
          reserved -= amount;
          used = Math.min(used + Math.max(0, cost), Number.MAX_SAFE_INTEGER);
          return used;
        },
      };
    },
  };
}
