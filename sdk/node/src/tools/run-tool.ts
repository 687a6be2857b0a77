import { types } from 'node:util';
import { shield } from '../context/shield.ts';
import { inForce } from '../enforce/in-force.ts';
import { beginTool, type RunningTool } from './begin-tool.ts';

type Run = () => unknown;

/**
 * Runs a tool if policy allows it, and records the call. A refusal is a rejection, as an error of the tool itself would be, and
 * comes before anything of the tool has run. While the first policy is on its way the tool waits for it.
 *
 * @param agent whose shield the tool runs in; undefined: it stays where it is
 * @param isGenerator what it returns is iterated: nothing else may take its place, and a refusal comes with the first step
 */
export function runTool(
  tool: string,
  agent: string | undefined,
  run: Run,
  isGenerator = false,
): unknown {
  const judged = (): unknown => {
    const running = beginTool(tool);
    return follow(running, run);
  };
  const call = (agent === undefined ? judged : shield(agent, judged)) as Run;
  // A generator begins at its first step, and so does ours.
  if (isGenerator) return steps(call);
  const awaited = inForce.awaited();
  if (awaited !== undefined) return awaited.then(call);
  try {
    return call();
  } catch (error) {
    return Promise.reject(error);
  }
}

async function* steps(call: Run): AsyncGenerator {
  await inForce.awaited();
  yield* call() as AsyncIterable<unknown>;
}

function follow(running: RunningTool, run: Run): unknown {
  let result: unknown;
  try {
    result = run();
  } catch (error) {
    running.fail(error);
    throw error;
  }
  if (isThenable(result)) return followPromise(running, result);
  if (isIterable(result)) return followSteps(running, result);
  running.succeed();
  return result;
}

function followPromise(running: RunningTool, promise: PromiseLike<unknown>): unknown {
  return promise.then(
    (value) => {
      running.succeed();
      return value;
    },
    (error: unknown) => {
      running.fail(error);
      throw error;
    },
  );
}

async function* followSteps(running: RunningTool, steps: AsyncIterable<unknown>): AsyncGenerator {
  let ended = false;
  try {
    yield* steps;
    running.succeed();
    ended = true;
  } catch (error) {
    running.fail(error);
    throw error;
  } finally {
    // Nobody wanted the rest.
    if (!ended) running.fail(LEFT);
  }
}

const LEFT = { code: 'ABORT_ERR' };

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  types.isPromise(value) || typeof (value as PromiseLike<unknown> | undefined)?.then === 'function';
const isIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof (value as AsyncIterable<unknown> | undefined)?.[Symbol.asyncIterator] === 'function';
