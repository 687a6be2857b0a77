import { subscribe } from 'node:diagnostics_channel';
import { debug } from '../context/debug.ts';

/** Subscribes for the life of the process; a subscriber that throws would kill the host, so none can. */
export function on<M>(name: string, body: (message: M) => void): void {
  subscribe(name, (message) => {
    try {
      body(message as M);
    } catch (error) {
      debug(`${name} could not be observed`, error);
    }
  });
}
