import type { Internals } from '../internals.ts';
import { mainWorld, REGISTRY } from '../main-world.ts';

declare const require: (path: './index.cjs') => unknown;

/**
 * The one library of this thread, which may be another install than this door's.
 * @throws when that one is older than its doors
 */
export function core(): Internals {
  require('./index.cjs');
  const { internals } = mainWorld()[REGISTRY] as { readonly internals?: Internals };
  if (internals?.v !== 1)
    throw new Error(
      'Two versions of @vantio/agent-sdk are loaded, and the first cannot do what this import asks of it: install one.',
    );
  return internals;
}
