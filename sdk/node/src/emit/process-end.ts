import { guard } from '../context/guard.ts';
import { soon, thisProcess } from '../context/main-realm.ts';

export type EndHandlers = {
  /** The loop has run dry; it may be kept running for a moment. */
  runsDry(exitCode: number): Promise<void> | undefined;
  /** The process exits: synchronous. */
  ends(exitCode: number): void;
  /** A signal came that may end the process: synchronous. */
  killed(signal: string): void;
};

type Signal = 'SIGTERM' | 'SIGINT';
const SIGNALS: readonly Signal[] = ['SIGTERM', 'SIGINT'];

/** Watches for the end of the process without changing how it ends. @returns how to stop watching. */
export function watchProcessEnd(handlers: EndHandlers): () => void {
  const stops = [
    listen('beforeExit', onDry(handlers)),
    listen(
      'exit',
      guard('exit', (code: number) => handlers.ends(byte(code))),
    ),
    // In a worker no signal arrives, and to ask whether this is one would load node:worker_threads.
    ...SIGNALS.map((signal) => watchSignal(signal, handlers)),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

const byte = (code: number): number => code & 255;

type Listener = (...args: never[]) => void;

function listen(event: string, listener: Listener): () => void {
  thisProcess.on(event as 'exit', listener as () => void);
  return () => thisProcess.off(event, listener as () => void);
}

/** Waiting makes the loop run dry a second time; what could not be delivered then is left for `exit`. */
function onDry(handlers: EndHandlers): (code: number) => void {
  let waited = false;
  return guard('beforeExit', (code: number) => {
    if (waited) return;
    const wait = handlers.runsDry(byte(code));
    if (!wait) return;
    waited = true;
    void wait.catch(() => undefined);
  });
}

/**
 * A listener stops a signal from ending the process, and libraries count listeners to see whether they are the last. So
 * ours runs first and takes itself away before the others look; alone, it sends the signal again, to the default that is
 * then back in place. Should the process live on, ours returns.
 */
function watchSignal(signal: Signal, handlers: EndHandlers): () => void {
  let stopped = false;
  const listener = (): void => {
    guard(signal, handlers.killed)(signal);
    thisProcess.off(signal, listener);
    if (thisProcess.listenerCount(signal) === 0) thisProcess.kill(thisProcess.pid, signal);
    else
      soon(() => {
        if (!stopped) thisProcess.prependListener(signal, listener);
      }).unref();
  };
  thisProcess.prependListener(signal, listener);
  return () => {
    stopped = true;
    thisProcess.off(signal, listener);
  };
}
