import { debug } from '../context/debug.ts';

/** What is still to be recorded when the process ends, or recording does. */
export const lastWords = new Set<() => void>();

export function sayLastWords(): void {
  for (const say of lastWords)
    try {
      say();
    } catch (error) {
      debug('something could not be recorded at the end', error);
    }
}
