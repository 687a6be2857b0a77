import { debug } from './debug.ts';
import { type Span, storage } from './span.ts';

let adopt: (() => Span | undefined) | undefined;

/**
 * The shield that the current code runs in. Outside any, what another library says is current, where the program asked for
 * that.
 */
export function currentSpan(): Span | undefined {
  const own = storage.getStore();
  if (own !== undefined || adopt === undefined) return own;
  try {
    return adopt();
  } catch (error) {
    debug('the span of another library could not be adopted', error);
    return undefined;
  }
}

/** @param from says what is current outside any shield; undefined: nothing is. */
export function adoptFrom(from: typeof adopt): void {
  adopt = from;
}
