import { openSpans } from '../context/open-spans.ts';
import { shieldStart } from '../record/draft.ts';
import { hasLosses, type Losses, queued, takeEntries, takeLosses } from '../record/queue.ts';
import type { Ending, EndReason, Item, Sealer } from './sealer.ts';

export type Batch = {
  readonly sessionId: string;
  readonly items: readonly Item[];
  /** Records in it that would be lost with it: all but those that pin the chain. */
  readonly events: number;
  /** What its loss records tell. */
  readonly losses: Losses;
};

/** Entries of a batch; with the session's own records it stays below the 5,000 of the wire. */
const BATCH = 500;
const SLICE = 64;

export type Finish = { readonly reason: EndReason; readonly ending: Ending };

/**
 * Seals one batch, giving way after every slice. A process that ends in between goes on with the same generator, so no
 * entry is taken twice and none is lost.
 */
export function* sealing(sealer: Sealer, finish?: Finish): Generator<void, Batch | undefined> {
  const unannounced = [...openSpans].filter((span) => !span.announced);
  if (!finish && queued() === 0 && !hasLosses() && unannounced.length === 0) return undefined;
  const items: Item[] = [...sealer.begin()];
  let events = 0;
  const losses = takeLosses();
  for (const [reason, count] of losses) items.push(sealer.loss(reason, count));
  for (const span of unannounced.slice(0, BATCH)) {
    span.announced = true;
    events += push(
      items,
      sealer.sealDraft(() => shieldStart(span, sealer.facts)),
    );
  }
  const entries = takeEntries(BATCH);
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i];
    if (entry) events += push(items, sealer.seal(entry));
    if (i % SLICE === SLICE - 1) yield;
  }
  const sessionId = sealer.sessionId() ?? '';
  const last = finish && queued() === 0;
  items.push(last ? sealer.end(finish.reason, finish.ending) : sealer.head());
  return { sessionId, items, events, losses };
}

function push(items: Item[], item: Item | undefined): number {
  if (!item) return 0;
  items.push(item);
  return 1;
}
