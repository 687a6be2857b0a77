import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { debug } from '../context/debug.ts';
import type { Patches } from './patches.ts';

/** Subscribes until shutdown(). A subscriber that throws would kill the host, so none can. */
export function whileEnforcing<M>(
  patches: Patches,
  name: string,
  body: (message: M) => void,
): void {
  const heard = (message: unknown): void => {
    try {
      body(message as M);
    } catch (error) {
      debug(`${name} could not be guarded`, error);
    }
  };
  subscribe(name, heard);
  patches.onUndo(() => void unsubscribe(name, heard));
}
