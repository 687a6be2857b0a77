import threads from 'node:worker_threads';
import type { ChildEnvironment } from '../context/child-env.ts';
import type { Patches } from './patches.ts';

type Options = { readonly env?: unknown };

/** A worker with an environment of its own would lose the preload, and with it policy. */
export function guardWorkers(
  patches: Patches,
  carried: (base: Readonly<ChildEnvironment>) => ChildEnvironment,
): void {
  const { Worker } = threads;
  patches.set(
    threads,
    'Worker',
    new Proxy(Worker, {
      construct(target, [file, options, ...rest]: unknown[], newTarget) {
        const own = (options as Options | undefined)?.env;
        const given = own === undefined || own === null ? process.env : own;
        const env = typeof given === 'object' ? carried(given as ChildEnvironment) : given;
        const base = typeof options === 'object' ? options : {};
        return Reflect.construct(target, [file, { ...base, env }, ...rest], newTarget);
      },
    }),
  );
}
