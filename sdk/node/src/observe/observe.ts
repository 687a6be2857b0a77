import { debug } from '../context/debug.ts';
import { thisProcess } from '../context/main-realm.ts';
import { observeChildren } from './children.ts';
import { observeHttp } from './http.ts';
import { observeHttp2 } from './http2.ts';
import { observeNativeBirths } from './native-births.ts';
import { observeSockets } from './sockets.ts';
import { sweep } from './sweep.ts';
import { observeUndici, settleUndici } from './undici.ts';

// net.client.socket fires for every connect, and http2 has channels, from Node 22 on.
const hasChannels = Number(thisProcess.versions.node.split('.')[0]) >= 22;

/** Subscribes to what this Node version shows. One part that fails leaves the others seeing. */
export function observe(): void {
  const parts = {
    undici: observeUndici,
    http: observeHttp,
    sockets: observeSockets,
    http2: observeHttp2,
    children: observeChildren,
    ...(hasChannels ? {} : { 'native births': observeNativeBirths }),
  };
  for (const [name, start] of Object.entries(parts))
    try {
      start();
    } catch (error) {
      debug(`observing ${name} is not possible here`, error);
    }
}

/** What this Node version shows less of than another does: [capability, coverage]. */
export const COVERAGE_GAPS = hasChannels ? [] : ([['http2', 'connection_only']] as const);

/** Tells of everything still open, once, when the process ends. */
export function settleOpen(): void {
  sweep(true);
  settleUndici();
}
