import { syncBuiltinESMExports } from 'node:module';
import { debug } from '../context/debug.ts';
import type { BodyGuard } from './body/body-guard.ts';
import { policyGuard } from './body/policy-guard.ts';
import { carriedEnv } from './carried-env.ts';
import { guardChildren } from './children.ts';
import { mcpEngine } from './engines.ts';
import { guardFetch } from './fetch.ts';
import { guardHttp } from './http.ts';
import { guardHttpResponses } from './http-response.ts';
import { guardHttp2 } from './http2.ts';
import { createPatches } from './patches.ts';
import { guardSockets } from './sockets.ts';
import { guardDispatchers } from './undici-dispatcher.ts';
import { guardPrivateAgents } from './undici-private.ts';
import { guardWorkers } from './workers.ts';

/** Where a process can be stopped, each by the name that records and `vantio doctor` give it. */
export const CHOKE_POINTS = {
  sockets: 'enforce:net.Socket.connect',
  http: 'enforce:http.request',
  httpResponses: 'enforce:http.response',
  http2: 'enforce:http2.connect',
  dispatchers: 'enforce:undici.globalDispatcher',
  privateAgents: 'enforce:undici.request',
  fetch: 'enforce:fetch',
  children: 'enforce:child_process',
  workers: 'enforce:worker_threads',
  mcpStdio: 'enforce:mcp.stdio',
} as const;

export type ChokePoint = keyof typeof CHOKE_POINTS;
export type Live = Readonly<Record<ChokePoint, boolean>>;

/** MCP over HTTP passes the choke points of any request. */
function bodyGuard(): BodyGuard {
  try {
    const { bothGuards, mcpGuard } = mcpEngine();
    return bothGuards(mcpGuard, policyGuard);
  } catch (error) {
    debug('tools of MCP cannot be guarded here', error);
    return policyGuard;
  }
}

/** Replaces what must be replaced. A part that this Node version lacks, or that fails, leaves the others in place. */
export function guardChokePoints(): { readonly live: Live; undo(): void } {
  const patches = createPatches();
  const guard = bodyGuard();
  const parts: Readonly<Record<ChokePoint, () => unknown>> = {
    sockets: () => guardSockets(patches),
    http: () => guardHttp(patches, guard),
    httpResponses: () => guardHttpResponses(patches),
    http2: () => guardHttp2(patches, guard),
    dispatchers: () => guardDispatchers(patches, guard).length > 0,
    privateAgents: () => guardPrivateAgents(patches, guard),
    fetch: () => guardFetch(patches),
    children: () => guardChildren(patches),
    workers: () => guardWorkers(patches, carriedEnv),
    mcpStdio: () => mcpEngine().guardStdio(patches),
  };
  const live = Object.fromEntries(
    Object.entries(parts).map(([name, guard]) => {
      try {
        return [name, guard() !== false];
      } catch (error) {
        debug(`${CHOKE_POINTS[name as ChokePoint]} cannot be guarded here`, error);
        return [name, false];
      }
    }),
  ) as Live;
  // Programs that import the functions by name get ours.
  syncBuiltinESMExports();
  return { live, undo: patches.undo };
}
