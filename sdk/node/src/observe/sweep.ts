import { debug } from '../context/debug.ts';
import { later } from '../context/main-realm.ts';

/**
 * Something whose end no channel tells and which is therefore looked at: no listener is put on the host's objects.
 * @returns whether it has ended. `closing`: the process ends and this is the last look.
 */
export type Look = (closing: boolean) => boolean;

const EVERY_MS = 100;
const MAX_WATCHED = 10_000;
const watched = new Set<Look>();
let armed = false;

export function watch(look: Look): void {
  if (watched.size >= MAX_WATCHED) {
    look(true);
    return;
  }
  watched.add(look);
  arm();
}

export function sweep(closing = false): void {
  for (const look of watched) {
    let ended = true;
    try {
      ended = look(closing);
    } catch (error) {
      debug('looking at an open connection failed', error);
    }
    if (ended || closing) watched.delete(look);
  }
}

function arm(): void {
  if (armed) return;
  armed = true;
  later(tick, EVERY_MS).unref();
}

function tick(): void {
  armed = false;
  sweep();
  if (watched.size > 0) arm();
}
