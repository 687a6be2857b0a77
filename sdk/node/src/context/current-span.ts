import { debug } from './debug.ts';
import { type Span, storage } from './span.ts';

/**
 * Says what is current by another library's reckoning, given what is by ours; undefined: it has nothing to say. Whoever opens a
 * span later than ours, within it, may put it in its place.
 */
export type Adopter = (own: Span | undefined) => Span | undefined;

let adopters: readonly Adopter[] = [];

/** The shield that the current code runs in, or what another library says, where the program asked for that. */
export function currentSpan(): Span | undefined {
  const own = storage.getStore();
  return adopters.length === 0 ? own : adopted(own);
}

function adopted(own: Span | undefined): Span | undefined {
  let current = own;
  for (const adopter of adopters)
    try {
      current = adopter(current) ?? current;
    } catch (error) {
      debug('the span of another library could not be adopted', error);
    }
  return current;
}

/** @returns what ends it */
export function adoptFrom(adopter: Adopter): () => void {
  adopters = [...adopters, adopter];
  return () => {
    adopters = adopters.filter((other) => other !== adopter);
  };
}
