import { debug } from './debug.ts';

/** Wraps a callback that runs inside the host's call stack: what goes wrong in it stays in it. */
export function guard<A extends readonly unknown[]>(
  what: string,
  body: (...args: A) => void,
): (...args: A) => void {
  return (...args) => {
    try {
      body(...args);
    } catch (error) {
      debug(`${what} failed`, error);
    }
  };
}
