import { logFault } from '../log.ts';

type End = { readonly what: string; readonly close: () => Promise<unknown> };

const ends: End[] = [];

/**
 * Has something closed when the instance ends, once no request is under way: what was opened last goes first.
 * @param what fixed text, for the log.
 */
export const atEnd = (what: string, close: () => Promise<unknown>): void => {
  ends.push({ what, close });
};

/** Closes one after the other, whatever fails. */
export async function closeAll(): Promise<void> {
  for (let end = ends.pop(); end !== undefined; end = ends.pop())
    try {
      await end.close();
    } catch (error) {
      logFault(`${end.what} did not close`, error);
    }
}
