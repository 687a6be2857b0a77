import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import { promisify } from 'node:util';
import type { ChildEnvironment } from './context/child-env.ts';

type Make = (base: Readonly<ChildEnvironment>) => ChildEnvironment;
type Anything = (...args: unknown[]) => unknown;

/** Where options may stand: after the command, or after a list of arguments. */
const TAKES_LIST = {
  spawn: true,
  spawnSync: true,
  execFile: true,
  execFileSync: true,
  fork: true,
  exec: false,
  execSync: false,
} as const;

/**
 * Replaces the functions of node:child_process by ones that put the current trace into the child's environment, so that a
 * child carries the shield that started it. The one thing of this package that edits the host, so it is done only when
 * asked for (`vantio run --trace-children`), and before the program has taken hold of the functions.
 */
export function traceChildren(childEnv: Make): void {
  wrapChildProcess(childEnv, (name, wrapper) => {
    functions[name] = wrapper;
  });
  syncBuiltinESMExports();
}

// The default export is the object itself; an ESM namespace cannot be written to.
const functions = childProcess as unknown as Record<string, Anything | undefined>;

/** Hands out what is to take the place of each function. */
export function wrapChildProcess(
  childEnv: Make,
  put: (name: string, wrapper: Anything) => void,
): void {
  for (const [name, takesList] of Object.entries(TAKES_LIST)) {
    const original = functions[name];
    if (original !== undefined)
      put(
        name,
        wrap(original, (args) => traced(args, takesList, childEnv)),
      );
  }
}

function wrap(original: Anything, prepare: (args: readonly unknown[]) => unknown[]): Anything {
  const prepared = (args: readonly unknown[]): readonly unknown[] => {
    try {
      return prepare(args);
    } catch {
      // An options object that throws when read: the original is the one to say so.
      return args;
    }
  };
  const wrapper = function (this: unknown, ...args: unknown[]): unknown {
    return Reflect.apply(original, this, prepared(args));
  };
  const properties = Object.getOwnPropertyDescriptors(original);
  // exec and execFile have a promise form of their own, which would go past the wrapper.
  const promised = (original as { [promisify.custom]?: Anything })[promisify.custom];
  if (promised !== undefined)
    Object.assign(properties, {
      [promisify.custom]: {
        ...Object.getOwnPropertyDescriptor(original, promisify.custom),
        value: (...args: unknown[]) => promised(...prepared(args)),
      },
    });
  const { prototype: _, ...kept } = properties as typeof properties & { prototype?: unknown };
  return Object.defineProperties(wrapper, kept as PropertyDescriptorMap);
}

/** The arguments with the trace in `options.env`. What is not of the form that Node takes is left for Node to refuse. */
function traced(args: readonly unknown[], takesList: boolean, childEnv: Make): unknown[] {
  const list = [...args];
  const at = takesList && isListPlace(list) ? 2 : 1;
  const options = list[at];
  if (options === undefined || options === null)
    list.splice(at, 1, { env: childEnv(flat(process.env)) });
  else if (typeof options === 'function') list.splice(at, 0, { env: childEnv(flat(process.env)) });
  else if (typeof options === 'object') {
    const { env } = options as { readonly env?: NodeJS.ProcessEnv };
    list[at] = { ...options, env: childEnv(flat(env || process.env)) };
  }
  return list;
}

/** A list, or nothing in a list's place while something stands after it. */
const isListPlace = ([, second, third]: readonly unknown[]): boolean =>
  Array.isArray(second) || ((second === undefined || second === null) && third !== undefined);

/** Node hands a child inherited members of an environment, too. */
function flat(env: NodeJS.ProcessEnv): ChildEnvironment {
  const all: ChildEnvironment = {};
  for (const name in env) all[name] = env[name];
  return all;
}
