import { core } from '../core.ts';

type Execute = (this: unknown, ...args: unknown[]) => unknown;

/** The same tools, each of which runs only if policy allows it. Tools that run elsewhere stay as they are. */
export function guardTools<T extends object>(tools: T, agent?: string): T {
  const guarded = Object.entries(tools).map(([name, tool]) => [name, guard(name, tool, agent)]);
  return Object.fromEntries(guarded) as T;
}

function guard(name: string, tool: unknown, agent: string | undefined): unknown {
  const execute = (tool as { readonly execute?: Execute } | null)?.execute;
  if (typeof execute !== 'function') return tool;
  const { runTool } = core();
  const isGenerator = execute.constructor.name === 'AsyncGeneratorFunction';
  return Object.create(Object.getPrototypeOf(tool), {
    ...Object.getOwnPropertyDescriptors(tool),
    execute: {
      enumerable: true,
      value(this: unknown, ...args: unknown[]): unknown {
        return runTool(name, agent, () => Reflect.apply(execute, this, args), isGenerator);
      },
    },
  });
}
