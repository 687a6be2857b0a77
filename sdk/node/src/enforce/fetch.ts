import { refusalIn } from './blocked-error.ts';
import type { Patches } from './patches.ts';

type Fetch = (this: unknown, ...args: unknown[]) => Promise<unknown>;

/** fetch() fails with "fetch failed" whatever the cause, which clients take for a network fault and try again. */
export function tellFetchRefusals(patches: Patches): void {
  patches.replace(globalThis, 'fetch', (original) => {
    const fetch = original as unknown as Fetch;
    return function (this: unknown, ...args: unknown[]): Promise<unknown> {
      return Reflect.apply(fetch, this, args).then(undefined, (error: unknown) => {
        throw refusalIn(error) ?? error;
      });
    } as never;
  });
}
