import type { Api } from './api.ts';
import { mainWorld, REGISTRY } from './main-world.ts';

declare const require: (path: string) => { api: Api };
declare const __filename: string;

/**
 * One library per thread, whatever loads it: import and require, two installs, and the separate worlds (vm contexts) in
 * which test runners load every test file anew. So it lives in the main world, under one symbol.
 */
function load(): Api {
  const world = mainWorld();
  const known = world[REGISTRY] as Api | undefined;
  if (known) return known;
  const { api } = requireThere(world)('./core.cjs');
  Object.defineProperty(world, REGISTRY, { value: api, configurable: true });
  return api;
}

/** The main world's own require: a test runner's would load the library into its world, which ends with the test. */
function requireThere({ process }: typeof globalThis): (path: string) => { api: Api } {
  try {
    const { createRequire } = process.getBuiltinModule('node:module');
    return createRequire(__filename);
  } catch {
    return require;
  }
}

const api = load();

export const {
  shield,
  getCurrentTraceId,
  reportAnomaly,
  childEnv,
  continueTrace,
  traceHeaders,
  flush,
  shutdown,
  getPolicy,
  explain,
  guardBedrock,
  guardMcp,
  VantioBlockedError,
} = api;
