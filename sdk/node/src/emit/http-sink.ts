import { debug } from '../context/debug.ts';
import { lose } from '../record/queue.ts';
import { backoff } from './backoff.ts';
import { createDrain } from './drain.ts';
import type { Post } from './post.ts';
import { REQUEST } from './request-limits.ts';
import type { Batch } from './sealing.ts';
import type { Sink } from './sink.ts';
import type { Place, Spool } from './spool.ts';

type Waiting = {
  readonly sessionId: string;
  readonly events: number;
  readonly records: number;
  readonly bytes: number;
  readonly losses: Batch['losses'];
  /** In memory, or on disk once the ingest has not answered. */
  text: string | undefined;
  place: Place | undefined;
};

/** Sealed batches that may wait in memory when the disk takes none. */
const MAX_IN_MEMORY = 8;
const MAX_WAITING = 4096;
/** Answers to what was sent, and not to who sent it: another body may be taken. */
const ABOUT_THE_BODY: ReadonlySet<number> = new Set([400, 413, 422]);

/**
 * To the control plane: one request at a time and in order, by way of the disk while it is down. Batches that wait go together
 * in one request: where the rate is limited, whoever waited longer sends more at a time, and nothing piles up.
 */
export function createHttpSink(post: Post, spool: Spool, onRefused: () => void): Sink {
  let waiting: Waiting[] = [];
  let attempts = 0;
  let retryMs = 0;
  let notBefore = 0;
  let drained = false;
  /** Batches to be sent one by one, to find the one that was refused among those that went together. */
  let alone = 0;
  const drain = createDrain(spool, post);

  async function deliver(lastChance = false): Promise<void> {
    // Whoever awaits a flush must not wait for a hung ingest each time, nor may a refusing one be flooded.
    if (waiting.length > 0 && Date.now() < notBefore && !(lastChance && attempts <= 1)) {
      persist();
      return;
    }
    while (waiting.length > 0) if (!(await send(together()))) return;
    if (drained || Date.now() < notBefore) return;
    const afterMs = await drain();
    drained = afterMs === undefined;
    if (afterMs !== undefined) waitFor(afterMs);
  }

  /** The oldest batch, and those after it that fit into the same request. */
  function together(): readonly Waiting[] {
    if (alone > 0) {
      alone--;
      return waiting.slice(0, 1);
    }
    let [records, bytes] = [0, 0];
    const end = waiting.findIndex((batch, at) => {
      records += batch.records;
      bytes += batch.bytes;
      return at > 0 && (records > REQUEST.records || bytes > REQUEST.bytes);
    });
    return end < 0 ? [...waiting] : waiting.slice(0, end);
  }

  /** @returns whether to go on with what waits. */
  async function send(batches: readonly Waiting[]): Promise<boolean> {
    const [first, ...others] = batches;
    if (!first) return false;
    const texts = batches.map(({ text, place }) => text ?? (place && spool.read(place)));
    if (texts.includes(undefined)) {
      debug('a spooled batch is gone: another process has taken it');
      take(batches.filter((_, at) => texts[at] === undefined));
      return true;
    }
    const records = batches.reduce((sum, batch) => sum + batch.records, 0);
    const outcome = await post(texts.join(''), records);
    switch (outcome.kind) {
      case 'stored':
        take(batches);
        return true;
      case 'refused':
        if (others.length > 0 && ABOUT_THE_BODY.has(outcome.status)) {
          alone = batches.length;
          return true;
        }
        refuse(first, outcome.status);
        return false;
      case 'retry':
        // A line too slow for all of them at once may do for one.
        if (outcome.status === 0 && others.length > 0) alone = batches.length;
        waitFor(outcome.afterMs);
        debug(`the ingest did not take a batch (status ${outcome.status}); trying again later`);
        persist();
        return false;
    }
  }

  function waitFor(afterMs: number): void {
    retryMs = backoff(attempts++, afterMs);
    notBefore = Date.now() + retryMs;
  }

  function take(batches: readonly Waiting[]): void {
    attempts = 0;
    waiting = waiting.filter((batch) => !batches.includes(batch));
    forget(batches);
  }

  /** A hole in the chain cannot be filled: what follows in the same session goes with it, and is counted. */
  function refuse({ sessionId }: Waiting, status: number): void {
    alone = 0;
    debug(`the ingest refused a batch (status ${status}); its session ends here`);
    waitFor(0);
    const gone = waiting.filter((batch) => batch.sessionId === sessionId);
    waiting = waiting.filter((batch) => batch.sessionId !== sessionId);
    lose(
      'refused',
      gone.reduce((sum, { events }) => sum + events, 0),
    );
    // What a lost record had told of earlier losses has still to be told.
    for (const { losses } of gone) for (const [reason, count] of losses) lose(reason, count);
    forget(gone);
    onRefused();
  }

  /** A spool file goes when no batch of it waits any more. */
  function forget(gone: readonly Waiting[]): void {
    for (const { place } of gone)
      if (place && !waiting.some((batch) => batch.place?.path === place.path))
        spool.remove(place.path);
  }

  function put({ sessionId, events, losses, items }: Batch): void {
    const text = `${items.map(({ sealed }) => sealed.envelope).join('\n')}\n`;
    const bytes = Buffer.byteLength(text);
    const records = items.length;
    waiting.push({ sessionId, events, records, bytes, losses, text, place: undefined });
  }

  /** Stops at the first batch the disk does not take, so that a file never holds a chain with a hole. */
  function persist(): void {
    for (const batch of waiting) {
      if (batch.text === undefined) continue;
      batch.place = spool.append(batch.sessionId, batch.text);
      if (!batch.place) return;
      batch.text = undefined;
    }
  }

  return {
    hasRoom: () =>
      waiting.length < MAX_WAITING &&
      waiting.filter(({ text }) => text !== undefined).length < MAX_IN_MEMORY,
    put,
    deliver,
    persist,
    retryIn: () => (waiting.length > 0 || (!drained && attempts > 0) ? retryMs : undefined),
  };
}
