import { refusalIn } from './blocked-error.ts';
import { MAX_BODY } from './body/max-body.ts';
import { inForce } from './in-force.ts';
import type { Patches } from './patches.ts';
import { dispatcherFor } from './undici-dispatcher.ts';
import type { KnownBody } from './undici-request.ts';

type Fetch = (this: unknown, ...args: unknown[]) => Promise<unknown>;

/**
 * fetch() fails with "fetch failed" whatever the cause, which clients take for a network fault and try again. And it
 * makes a stream of whatever body it is given: one that is whole is told to its dispatcher as it was, which saves more
 * than looking at it costs.
 */
export function guardFetch(patches: Patches): void {
  patches.replace(globalThis, 'fetch', (original) => {
    const fetch = original as unknown as Fetch;
    return function (this: unknown, ...args: unknown[]): Promise<unknown> {
      return Reflect.apply(fetch, this, tellingBody(args)).then(undefined, (error: unknown) => {
        throw refusalIn(error) ?? error;
      });
    } as never;
  });
}

type Init = { readonly body?: unknown; readonly dispatcher?: unknown };

function tellingBody(args: unknown[]): unknown[] {
  const [input, given] = args;
  if (args.length !== 2 || inForce.policy() === undefined) return args;
  // A Request may have a dispatcher of its own.
  if (typeof input !== 'string' && !(input instanceof URL)) return args;
  try {
    const init = isPlain(given) ? { ...given } : undefined;
    const body = init?.dispatcher === undefined ? wholeOf(init?.body) : undefined;
    const dispatcher = body === undefined ? undefined : dispatcherFor(body);
    return dispatcher === undefined ? args : [input, { ...init, dispatcher }];
  } catch {
    // A getter of the program's failed: so it will where fetch asks it.
    return args;
  }
}

/** Whether a copy has all that fetch would ask it for. */
function isPlain(init: unknown): init is Init {
  if (typeof init !== 'object' || init === null) return false;
  return (
    Object.getPrototypeOf(init) === Object.prototype &&
    Object.getOwnPropertyNames(init).length === Object.keys(init).length
  );
}

/** As it is now: bytes may be written over while fetch is on its way. */
function wholeOf(body: unknown): KnownBody | undefined {
  if (typeof body === 'string') return body.length <= MAX_BODY ? body : undefined;
  return body instanceof Uint8Array && body.length <= MAX_BODY ? Buffer.from(body) : undefined;
}
