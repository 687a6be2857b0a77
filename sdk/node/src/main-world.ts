import * as vm from 'node:vm';

export const REGISTRY = Symbol.for('vantio.context.1');

/** One library per thread lives in the main world, whatever world (vm context) loads it: test runners load each file anew. */
export function mainWorld(): typeof globalThis & { [REGISTRY]?: unknown } {
  try {
    return vm.runInThisContext('globalThis');
  } catch {
    return globalThis;
  }
}
