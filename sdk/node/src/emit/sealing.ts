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
/** A batch is closed past this: names and paths that a program chose can make its records large. */
const BATCH_BYTES = 2 * 1024 * 1024;
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
  let bytes = 0;
  const add = (item: Item | undefined): void => {
    if (!item) return;
    items.push(item);
    events++;
    bytes += Buffer.byteLength(item.sealed.envelope);
  };
  const losses = takeLosses();
  for (const [reason, count] of losses) items.push(sealer.loss(reason, count));
  for (const span of unannounced) {
    if (events === BATCH || bytes > BATCH_BYTES) break;
    span.announced = true;
    add(sealer.sealDraft(() => shieldStart(span, sealer.facts)));
  }
  for (let taken = 0; taken < BATCH && bytes <= BATCH_BYTES; taken += SLICE) {
    for (const entry of takeEntries(Math.min(SLICE, BATCH - taken))) add(sealer.seal(entry));
    if (queued() === 0) break;
    yield;
  }
  const sessionId = sealer.sessionId() ?? '';
  const last = finish && queued() === 0 && unannounced.every(({ announced }) => announced);
  items.push(last ? sealer.end(finish.reason, finish.ending) : sealer.head());
  return { sessionId, items, events, losses };
}
