import { debug } from '../context/debug.ts';
import { cancel, later, soon } from '../context/main-realm.ts';
import { openSpans } from '../context/open-spans.ts';
import { tellStderr } from '../context/stderr.ts';
import { sayLastWords } from '../record/last-words.ts';
import { closeQueue, hasLosses, openQueue, queued } from '../record/queue.ts';
import { type Config, readConfig } from './config.ts';
import type { createEmitter, Emitter } from './emitter.ts';
import { watchProcessEnd } from './process-end.ts';

// The bundler makes of this a part of the same file that runs at its first use.
declare const require: (path: '../emit/emitter.ts') => { createEmitter: typeof createEmitter };

const FLUSH_EVERY_MS = 10_000;
const SHUTDOWN_WAIT_MS = 10_000;
const HOLD_MS = 600_000;

let config: Config | string | undefined;
let emitter: Emitter | undefined;
let timer: ReturnType<typeof later> | undefined;
let told = false;
let stopWatching: (() => void) | undefined;

/** Reads the environment and, when there is a key, begins to keep what is recorded. */
export function start(): void {
  config = readConfig();
  if (typeof config === 'string') return;
  openQueue(wake);
  stopWatching = watchProcessEnd({
    runsDry: (code) => {
      sayLastWords();
      return hasNews() ? made()?.end('exit', { exit_code: code }) : undefined;
    },
    ends: (code) => {
      sayLastWords();
      if (hasNews()) made()?.endNow('exit', { exit_code: code });
    },
    killed: (signal) => {
      sayLastWords();
      if (hasNews()) made()?.endNow('signal', { signal });
    },
  });
}

/** A process that did nothing worth a record leaves none, and does not pay for making keys. */
const hasNews = (): boolean =>
  queued() > 0 || hasLosses() || openSpans.size > 0 || (emitter !== undefined && !emitter.isIdle());

/** Says, once, that nothing is recorded and why. */
export function tellIfIdle(): void {
  if (told || typeof config !== 'string') return;
  told = true;
  tellStderr(`${config}: traces work, nothing is recorded`);
}

function made(): Emitter | undefined {
  if (emitter || config === undefined || typeof config === 'string') return emitter;
  try {
    emitter = require('../emit/emitter.ts').createEmitter(config);
  } catch (error) {
    debug('nothing can be recorded', error);
    config = 'VANTIO_API_KEY is not an API key';
    closeQueue();
    tellIfIdle();
  }
  return emitter;
}

function wake(full: boolean): void {
  if (full) soon(() => void flushQuietly());
  else if (timer === undefined) {
    timer = later(() => void flushQuietly(), FLUSH_EVERY_MS);
    timer.unref();
  }
}

async function flushQuietly(): Promise<void> {
  if (timer) cancel(timer);
  timer = undefined;
  await made()?.flush();
}

/** Session of what is recorded now; undefined: nothing is. */
export const currentSessionId = (): string | undefined => made()?.sessionId();

/** Our sockets never keep the host running; a host that awaits us does want to be. */
export async function flush(): Promise<void> {
  tellIfIdle();
  const hold = later(() => undefined, HOLD_MS);
  try {
    await flushQuietly();
  } finally {
    cancel(hold);
  }
}

/** Ends the session and stops recording. Traces go on working. */
export async function shutdown(): Promise<void> {
  if (timer) cancel(timer);
  timer = undefined;
  stopWatching?.();
  stopWatching = undefined;
  sayLastWords();
  if (hasNews()) await made()?.end('shutdown', {}, SHUTDOWN_WAIT_MS);
  closeQueue();
}
