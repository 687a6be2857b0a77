import { readApiKey } from '@vantio/schema/emitter';
import { debug } from '../context/debug.ts';
import { cancel, later, soon, thisProcess } from '../context/main-realm.ts';
import { settleOpen } from '../observe/observe.ts';
import { sweep } from '../observe/sweep.ts';
import { hasLosses, queued } from '../record/queue.ts';
import type { Config } from './config.ts';
import { createFileSink } from './file-sink.ts';
import { createHttpSink } from './http-sink.ts';
import { adoptParent, announceSession } from './parent-session.ts';
import { createPost } from './post.ts';
import { keepReceipts } from './receipts.ts';
import { createSealer, type Ending, type EndReason } from './sealer.ts';
import { type Batch, type Finish, sealing } from './sealing.ts';
import type { Sink } from './sink.ts';
import { createSpool, type Spool } from './spool.ts';

const EXIT_WAIT_MS = 2000;
const MAX_RETRY_MS = 3_600_000;

/** Everything behind the queue: made at the first flush, so that importing the library does not pay for it. */
export function createEmitter({ apiKey, sink: wanted, rootKeyFile }: Config) {
  const { tenantId, keyId } = readApiKey(apiKey);
  const sealer = createSealer(apiKey, rootKeyFile, adoptParent());
  const sink: Sink =
    wanted.kind === 'file'
      ? createFileSink(wanted.path, apiKey, tenantId, sealer.abandon)
      : toIngest(wanted.url, createSpool(wanted.spoolDir, keyId));
  let current: Generator<void, Batch | undefined> | undefined;
  let running: Promise<void> | undefined;
  let retry: ReturnType<typeof later> | undefined;

  function toIngest(url: URL, spool: Spool): Sink {
    return createHttpSink(keepReceipts(createPost(url, apiKey), spool), spool, sealer.abandon);
  }

  /** Resolves when what was recorded before the call is stored, spooled, or counted as lost. Never rejects. */
  async function flush(): Promise<void> {
    await running;
    running ??= cycle().finally(() => {
      running = undefined;
    });
    await running;
  }

  async function cycle(finish?: Finish): Promise<void> {
    try {
      sweep();
      await sealAll(finish);
      await sink.deliver(finish !== undefined);
      if (hasLosses() && sink.hasRoom()) await sealAll(finish);
    } catch (error) {
      debug('a flush failed', error);
    }
    armRetry();
  }

  async function sealAll(finish?: Finish): Promise<void> {
    let wantsEnd = finish !== undefined;
    while (sink.hasRoom()) {
      current = sealing(sealer, wantsEnd ? finish : undefined);
      for (let step = current.next(); ; step = current.next()) {
        if (step.done) {
          current = undefined;
          if (!step.value) return;
          announceSession(step.value.sessionId);
          sink.put(step.value);
          break;
        }
        await new Promise<void>((resolve) => soon(resolve));
        // The end of the process has taken over meanwhile.
        if (!current) return;
      }
      if (wantsEnd && sealer.sessionId() === undefined) wantsEnd = false;
    }
  }

  /** The same, without giving way: the loop will not turn again. */
  function sealAllNow(finish: Finish): void {
    const begun = current;
    current = undefined;
    if (begun) putAll(begun);
    while (sink.hasRoom()) {
      if (!putAll(sealing(sealer, finish))) return;
      if (sealer.sessionId() === undefined) return;
      sink.persist();
    }
  }

  function putAll(batches: Generator<void, Batch | undefined>): boolean {
    for (let step = batches.next(); ; step = batches.next())
      if (step.done) {
        if (step.value) sink.put(step.value);
        return step.value !== undefined;
      }
  }

  function armRetry(): void {
    const ms = sink.retryIn();
    if (ms === undefined || retry !== undefined) return;
    retry = later(
      () => {
        retry = undefined;
        void flush();
      },
      Math.min(ms, MAX_RETRY_MS),
    );
    retry.unref();
  }

  const isIdle = (): boolean => queued() === 0 && !hasLosses() && sealer.sessionId() === undefined;

  /** For a loop that has run dry: ends the session and waits for the ingest, but not for long. */
  async function end(reason: EndReason, ending: Ending, waitMs = EXIT_WAIT_MS): Promise<void> {
    let hold: ReturnType<typeof later> | undefined;
    const deadline = new Promise<void>((resolve) => {
      hold = later(resolve, waitMs);
    });
    const work = async (): Promise<void> => {
      await running;
      settleOpen();
      running ??= cycle({ reason, ending }).finally(() => {
        running = undefined;
      });
      await running;
    };
    await Promise.race([work(), deadline]);
    if (hold) cancel(hold);
    if (retry) cancel(retry);
    retry = undefined;
    sink.persist();
  }

  /** For a process that ends now: everything to disk, synchronously. */
  function endNow(reason: EndReason, ending: Ending): void {
    try {
      settleOpen();
      if (!isIdle()) sealAllNow({ reason, ending });
      sink.persist();
    } catch (error) {
      debug('spooling at the end failed', error);
    }
  }

  return { flush, end, endNow, isIdle, sessionId: sealer.nextSessionId, pid: thisProcess.pid };
}

export type Emitter = ReturnType<typeof createEmitter>;
