import { debug } from '../../context/debug.ts';
import { later, now } from '../../context/main-realm.ts';

/** How long the first requests wait for the first policy. */
export const FIRST_MS = 2000;
const STEP_MS = 100;

/**
 * The wait of the first requests. It begins with the first of them, and time in which the program has its thread to itself does not
 * count: an answer that has come could not be read in it.
 */
export function createFirstWait() {
  let begun = false;
  let ended = false;
  let tell: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const step = (left: number): void => {
    const at = now();
    later(() => {
      if (ended) return;
      quietly(() => {
        const passed = Math.min(now() - at, 2 * STEP_MS);
        if (passed < left) step(left - passed);
        else tell();
      });
    }, STEP_MS);
  };
  /** A fault of ours ends the wait. */
  const quietly = (body: () => void): void => {
    try {
      body();
    } catch (error) {
      debug('the first policy cannot be waited for', error);
      tell();
    }
  };
  return {
    over,
    /** A call waits: that keeps the process running. */
    begin(): void {
      if (begun) return;
      begun = true;
      quietly(() => step(FIRST_MS));
    },
    /** The first answer is there: nobody waits any more. */
    end(): void {
      begun = true;
      ended = true;
    },
  };
}
