import { record } from '../record/queue.ts';
import { bindResult } from './bind-result.ts';
import { now } from './main-realm.ts';
import { openSpans } from './open-spans.ts';
import { processTrace } from './process-trace.ts';
import { EXEMPT, type Span, storage, type Trace } from './span.ts';

type AnyFunction = (this: unknown, ...args: never[]) => unknown;

/** Makes a function whose every call is a span of the current trace, or of a new one. */
export function shield(first: unknown, second?: unknown): unknown {
  const name = typeof first === 'string' ? first : undefined;
  const fn = typeof first === 'string' ? second : first;
  if (typeof fn !== 'function')
    throw new TypeError('shield(fn) or shield(name, fn): fn is not a function');
  return wrap(fn as AnyFunction, name);
}

function wrap(fn: AnyFunction, name: string | undefined): AnyFunction {
  const shielded = function (this: unknown, ...args: never[]): unknown {
    const span = open(name);
    let result: unknown;
    try {
      result = storage.run(span, Reflect.apply as never, fn as never, this as never, args as never);
    } catch (error) {
      close(span, 2, error);
      throw error;
    }
    return bindResult(span, result, close);
  };
  Object.defineProperty(shielded, 'name', { value: fn.name, configurable: true });
  Object.defineProperty(shielded, 'length', { value: fn.length, configurable: true });
  return shielded;
}

function open(name: string | undefined): Span {
  const current = storage.getStore();
  const parent = current === EXEMPT ? undefined : current;
  const span: Span = {
    type: 'shield',
    trace: parent?.trace ?? beginTrace(),
    parent: parent?.at === -1 ? undefined : parent,
    name,
    at: now(),
    id: undefined,
    endedAt: 0,
    error: undefined,
    state: 0,
    announced: false,
  };
  openSpans.add(span);
  return span;
}

const beginTrace = (): Trace =>
  processTrace ?? { id: undefined, origin: 'exact', remoteSpan: undefined };

/** A span ends once: the first of return, throw, end and close. */
function close(span: Span, state: 1 | 2, error?: unknown): void {
  if (span.state !== 0) return;
  span.state = state;
  span.error = error;
  span.endedAt = now();
  openSpans.delete(span);
  record(span);
}

/** Runs `fn` in the trace of a W3C traceparent; an invalid one changes nothing. */
export function runInTrace<R>(trace: Trace, fn: () => R): R {
  return storage.run(carrier(trace), fn);
}

/** Holds a trace but is no span: `at` -1 marks it, and nothing is recorded of it. */
const carrier = (trace: Trace): Span => ({
  type: 'shield',
  trace,
  parent: undefined,
  name: undefined,
  at: -1,
  id: trace.remoteSpan,
  endedAt: 0,
  error: undefined,
  state: 1,
  announced: true,
});
