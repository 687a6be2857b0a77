import { types } from 'node:util';
import { bindResult } from './bind-result.ts';
import { runIn, type Span } from './span.ts';

type Close = (span: Span, state: 1 | 2, error?: unknown) => void;
type AnyFunction = (...args: unknown[]) => unknown;
/** thenable: ends when it settles; iterator: when it is done; iterable: when an iterator or reader of it is done. */
type Kind = 'thenable' | 'iterator' | 'iterable';

const STEPS: ReadonlySet<unknown> = new Set(['next', 'return', 'throw', 'read']);
const OPENERS: ReadonlySet<unknown> = new Set([
  Symbol.asyncIterator,
  Symbol.iterator,
  'values',
  'getReader',
]);

/**
 * A stand-in for an object that works later. Every method runs in the span with the object itself as `this`, so private
 * fields and brand checks hold; everything else shows through.
 */
export function bindObject(span: Span, target: object, close: Close, kind: Kind): object {
  const bound = new Map<PropertyKey, AnyFunction>();
  const standIn: object = new Proxy(target, {
    get(_, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function' || name === 'constructor') return value;
      if (isFixed(target, name)) return value;
      let method = bound.get(name);
      if (!method) {
        method = bindMethod(name, value as AnyFunction);
        bound.set(name, method);
      }
      return method;
    },
  });

  function bindMethod(name: PropertyKey, method: AnyFunction): AnyFunction {
    if (kind === 'thenable') return bindThenableMethod(name, method);
    return (...args) => {
      const result = callWithin(method, args);
      if (result === target) return standIn;
      if (kind === 'iterator' && STEPS.has(name)) return watchStep(span, result, close);
      if (OPENERS.has(name) && typeof result === 'object' && result !== null)
        return bindObject(span, result, close, 'iterator');
      return result;
    };
  }

  function bindThenableMethod(name: PropertyKey, method: AnyFunction): AnyFunction {
    if (name === 'then') return bindThen(method);
    const then = (): AnyFunction => (standIn as { then: AnyFunction }).then;
    if (name === 'catch') return (onError) => then()(undefined, onError);
    if (name === 'finally') return (onDone) => settle(then(), onDone);
    // Such as withResponse() of the provider clients: the call is over when what it gives is there.
    return (...args) => {
      const result = callWithin(method, args);
      return types.isPromise(result) ? bindResult(span, result, close) : result;
    };
  }

  const callWithin = (method: AnyFunction, args: readonly unknown[]): unknown =>
    runIn(span, () => Reflect.apply(method, target, args));

  const bindThen =
    (then: AnyFunction): AnyFunction =>
    (onValue, onError) =>
      runIn(span, () =>
        Reflect.apply(then, target, [
          (value: unknown) => {
            const followed = bindResult(span, value, close);
            return typeof onValue === 'function' ? onValue(followed) : followed;
          },
          (error: unknown) => {
            close(span, 2, error);
            if (typeof onError === 'function') return onError(error);
            throw error;
          },
        ]),
      );

  return standIn;
}

/** A Proxy must show a frozen own property as it is. */
function isFixed(target: object, name: PropertyKey): boolean {
  const own = Reflect.getOwnPropertyDescriptor(target, name);
  return own !== undefined && own.configurable === false && own.writable === false;
}

function watchStep(span: Span, result: unknown, close: Close): unknown {
  if (typeof result !== 'object' || result === null) return result;
  if (typeof (result as PromiseLike<unknown>).then !== 'function') {
    if ((result as IteratorResult<unknown>).done === true) close(span, 1);
    return result;
  }
  return (result as PromiseLike<unknown>).then(
    (step) => {
      if ((step as IteratorResult<unknown> | undefined)?.done === true) close(span, 1);
      return step;
    },
    (error: unknown) => {
      close(span, 2, error);
      throw error;
    },
  );
}

/** Promise.prototype.finally over a `then` of ours. */
const settle = (then: AnyFunction, onDone: unknown): unknown =>
  then(
    async (value: unknown) => {
      if (typeof onDone === 'function') await onDone();
      return value;
    },
    async (error: unknown) => {
      if (typeof onDone === 'function') await onDone();
      throw error;
    },
  );
