import { subscribe } from 'node:diagnostics_channel';
import { guard } from '../context/guard.ts';

/** Subscribes for the life of the process; a subscriber that throws would kill the host, so none can. */
export function on<M>(name: string, body: (message: M) => void): void {
  subscribe(name, guard(name, body as (message: unknown) => void));
}
