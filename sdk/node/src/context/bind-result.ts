import { types } from 'node:util';
import { bindEmitter, isEmitter } from './bind-emitter.ts';
import { bindObject } from './bind-object.ts';
import type { Span } from './span.ts';

export type Close = (span: Span, state: 1 | 2, error?: unknown) => void;

/**
 * What a shielded function returned, so bound that its later work stays in the span, which ends when the work does.
 * Values without later work end it at once.
 */
export function bindResult(span: Span, result: unknown, close: Close): unknown {
  if (typeof result !== 'object' || result === null) {
    close(span, 1);
    return result;
  }
  if (isPlainPromise(result)) return followPromise(span, result, close);
  if (hasMethod(result, 'then')) return bindObject(span, result, close, 'thenable');
  if (isEmitter(result)) return bindEmitter(span, result, close);
  if (isIterator(result)) return bindObject(span, result, close, 'iterator');
  if (isWebStream(result) || hasSymbolMethod(result, Symbol.asyncIterator))
    return bindObject(span, result, close, 'iterable');
  close(span, 1);
  return result;
}

/** Of any realm, and no subclass: a subclass has methods that a derived promise would lack. */
function isPlainPromise(value: object): value is Promise<unknown> {
  if (!types.isPromise(value)) return false;
  const own = Object.getPrototypeOf(value);
  const base = own === null ? null : Object.getPrototypeOf(own);
  return base !== null && Object.getPrototypeOf(base) === null && !Object.hasOwn(value, 'then');
}

/** The derived promise is what the host gets, so an unhandled rejection stays the host's to handle, once. */
const followPromise = (span: Span, promise: Promise<unknown>, close: Close): Promise<unknown> =>
  promise.then(
    (value) => followValue(span, value, close),
    (error: unknown) => {
      close(span, 2, error);
      throw error;
    },
  );

/** An async function may return a stream or a generator; a thenable cannot come out of a promise. */
const followValue = (span: Span, value: unknown, close: Close): unknown =>
  bindResult(span, value, close);

const hasMethod = (value: object, name: string): boolean =>
  typeof (value as Record<string, unknown>)[name] === 'function';

const hasSymbolMethod = (value: object, name: symbol): boolean =>
  typeof (value as Record<symbol, unknown>)[name] === 'function';

const isIterator = (value: object): boolean =>
  hasMethod(value, 'next') &&
  (hasSymbolMethod(value, Symbol.asyncIterator) || hasSymbolMethod(value, Symbol.iterator));

const isWebStream = (value: object): boolean =>
  hasMethod(value, 'getReader') && hasMethod(value, 'pipeTo');
