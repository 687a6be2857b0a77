import { record } from '../record/queue.ts';
import { bindResult } from './bind-result.ts';
import { currentSpan } from './current-span.ts';
import { now } from './main-realm.ts';
import { openSpans } from './open-spans.ts';
import { endPeer, givePeer } from './peer.ts';
import { processTrace } from './process-trace.ts';
import { EXEMPT, runIn, type Span, storage, type Trace } from './span.ts';

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
    const span = openSpan(name);
    let result: unknown;
    try {
      result =
        span.peer === undefined
          ? storage.run(span, Reflect.apply as never, fn as never, this as never, args as never)
          : runIn(span, () => Reflect.apply(fn, this, args));
    } catch (error) {
      closeSpan(span, 2, error);
      throw error;
    }
    return bindResult(span, result, closeSpan);
  };
  Object.defineProperty(shielded, 'name', { value: fn.name, configurable: true });
  Object.defineProperty(shielded, 'length', { value: fn.length, configurable: true });
  return shielded;
}

/** @param around what it is in; EXEMPT, which is our own requests, counts as nothing */
export function openSpan(name: string | undefined, around = currentSpan()): Span {
  const parent = around === EXEMPT ? undefined : around;
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
  givePeer(span);
  openSpans.add(span);
  return span;
}

const beginTrace = (): Trace =>
  processTrace ?? { id: undefined, origin: 'exact', remoteSpan: undefined };

/** A span ends once: the first of return, throw, end and close. */
export function closeSpan(span: Span, state: 1 | 2, error?: unknown): void {
  if (span.state !== 0) return;
  span.state = state;
  span.error = error;
  span.endedAt = now();
  openSpans.delete(span);
  endPeer(span);
  record(span);
}

/** Runs `fn` in the trace of a W3C traceparent; an invalid one changes nothing. */
export function runInTrace<R>(trace: Trace, fn: () => R): R {
  return storage.run(carrier(trace), fn);
}

/** Holds a trace but is no span: `at` -1 marks it, and nothing is recorded of it. */
export const carrier = (trace: Trace): Span => ({
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
