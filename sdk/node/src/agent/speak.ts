import { readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { debug } from '../context/debug.ts';
import { mintTraceId } from '../context/ids.ts';
import { later, thisProcess } from '../context/main-realm.ts';
import { processTrace } from '../context/process-trace.ts';
import { startTicks } from '../record/process-facts.ts';
import { createLink, type Link } from './link.ts';

/** A message, without what all of them hold. */
export type Message = Readonly<Record<string, string | number | boolean | undefined>>;

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

/** Speaks to the agent for this thread, and again after the agent was away. */
export function createSpeaker(path: string) {
  const start = startTicks(readFileSync('/proc/self/stat', 'latin1'));
  let link: Link | undefined;
  let retryMs = FIRST_RETRY_MS;
  let own: string | undefined;

  function open(): void {
    if (start === undefined || link) return;
    const made = createLink(path, answered, lost);
    link = made;
    if (isMainThread) say(registration());
  }

  /** The process's trace; one that was given none says so, and gets one that stands for nothing but itself. */
  function registration(): Message {
    if (processTrace?.id !== undefined) return { op: 'register', trace_id: processTrace.id };
    own ??= mintTraceId();
    return { op: 'register', trace_id: own, if_none: true };
  }

  function answered(ok: boolean): void {
    retryMs = FIRST_RETRY_MS;
    if (!ok) debug('the agent refused a message');
  }

  function lost(why: string): void {
    link = undefined;
    debug(`${why}: what is done meanwhile has the trace of the process`);
    // Not all at once: the agent of a machine has many to hear when it comes back.
    later(open, retryMs * (0.5 + Math.random())).unref();
    retryMs = Math.min(2 * retryMs, LONGEST_RETRY_MS);
  }

  function say({ op, ...rest }: Message): void {
    link?.say(`${JSON.stringify({ op, process_start: start, ...rest })}\n`);
  }

  // Node closes the socket while the process still lives, and a thread may end before it: nothing was left out.
  thisProcess.once('exit', () => say({ op: 'done' }));
  open();
  return { say, isOpen: (): boolean => link !== undefined };
}

export type Speaker = ReturnType<typeof createSpeaker>;
