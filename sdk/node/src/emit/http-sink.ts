import { debug } from '../context/debug.ts';
import { lose } from '../record/queue.ts';
import { backoff } from './backoff.ts';
import { createDrain } from './drain.ts';
import type { Post } from './post.ts';
import type { Batch } from './sealing.ts';
import type { Sink } from './sink.ts';
import type { Place, Spool } from './spool.ts';

type Waiting = {
  readonly sessionId: string;
  readonly events: number;
  readonly records: number;
  readonly losses: Batch['losses'];
  /** In memory, or on disk once the ingest has not answered. */
  text: string | undefined;
  place: Place | undefined;
};

/** Sealed batches that may wait in memory when the disk takes none. */
const MAX_IN_MEMORY = 8;
const MAX_WAITING = 4096;

/** To the control plane: one batch at a time and in order, by way of the disk while it is down. */
export function createHttpSink(post: Post, spool: Spool, onRefused: () => void): Sink {
  let waiting: Waiting[] = [];
  let attempts = 0;
  let retryMs = 0;
  let notBefore = 0;
  let drained = false;
  const drain = createDrain(spool, post);

  async function deliver(lastChance = false): Promise<void> {
    // Whoever awaits a flush must not wait for a hung ingest each time, nor may a refusing one be flooded.
    if (waiting.length > 0 && Date.now() < notBefore && !(lastChance && attempts <= 1)) {
      persist();
      return;
    }
    for (let next = waiting[0]; next; next = waiting[0]) if (!(await send(next))) return;
    if (drained || Date.now() < notBefore) return;
    const afterMs = await drain();
    drained = afterMs === undefined;
    if (afterMs !== undefined) waitFor(afterMs);
  }

  async function send(batch: Waiting): Promise<boolean> {
    const text = batch.text ?? (batch.place && spool.read(batch.place));
    if (text === undefined) {
      debug('a spooled batch is gone: another process has taken it');
      take(batch);
      return true;
    }
    const outcome = await post(text, batch.records);
    switch (outcome.kind) {
      case 'stored':
        take(batch);
        return true;
      case 'refused':
        refuse(batch, outcome.status);
        return false;
      case 'retry':
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

  function take(batch: Waiting): void {
    attempts = 0;
    waiting = waiting.filter((other) => other !== batch);
    forget([batch]);
  }

  /** A hole in the chain cannot be filled: what follows in the same session goes with it, and is counted. */
  function refuse({ sessionId }: Waiting, status: number): void {
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
    waiting.push({ sessionId, events, records: items.length, losses, text, place: undefined });
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
