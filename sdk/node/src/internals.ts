import { adoptFrom, currentSpan } from './context/current-span.ts';
import { makePeersBy } from './context/peer.ts';
import { carrier } from './context/shield.ts';
import { onRecord } from './record/queue.ts';

/** What the doors beside the library's own use of it. They may come with another install: `v` says what is here. */
export const internals = {
  v: 1,
  adoptFrom,
  carrier,
  currentSpan,
  makePeersBy,
  onRecord,
} as const;

export type Internals = typeof internals;
