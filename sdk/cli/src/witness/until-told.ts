import { setTimeout as sleep } from 'node:timers/promises';

/** Aborted by Ctrl-C or SIGTERM, which are how a witness ends; a second one ends the process as usual. */
export function untilTold(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort());
  return controller.signal;
}

/** Waits, or less if told to end. */
export async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(seconds * 1000, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
