import type { ResponseWatch } from './body/body-guard.ts';
import { type FlatHeaders, headerIn, withoutHeader } from './undici-headers.ts';

/** Handlers of undici 6 and 7 (`onHeaders`) and of 7 and 8 (`onResponseStart`): https://undici.nodejs.org, Dispatcher. */
export type Handler = Readonly<Record<string, unknown>> & object;
type Call = (...args: unknown[]) => unknown;
type Calls = Record<string, Call | undefined>;

export const isNewStyle = (handler: Handler): boolean =>
  typeof handler.onRequestStart === 'function' || typeof handler.onResponseStart === 'function';

/** Fails a request that was never sent. */
export function failHandler(handler: Handler, error: Error): void {
  if (typeof handler.onResponseError === 'function')
    Reflect.apply(handler.onResponseError as Call, handler, [controllerOf(error), error]);
  else if (typeof handler.onError === 'function')
    Reflect.apply(handler.onError as Call, handler, [error]);
}

const controllerOf = (error: Error) => ({
  aborted: true,
  reason: error,
  paused: false,
  rawHeaders: [],
  rawTrailers: [],
  abort: () => undefined,
  pause: () => undefined,
  resume: () => undefined,
});

/** A handler that hands on to another what a watch makes of the response. */
export function watchedHandler(handler: Handler, watch: ResponseWatch): Handler {
  const calls = handler as Calls;
  const changed = isNewStyle(handler) ? newStyle(calls, watch) : oldStyle(calls, watch);
  return isPlain(handler) ? changed : likeItself(handler, changed);
}

const METHODS = [
  'onConnect',
  'onUpgrade',
  'onResponseStarted',
  'onBodySent',
  'onRequestSent',
  'onInfo',
  'onRequestStart',
  'onRequestUpgrade',
] as const;
const CHANGED = [
  'onHeaders',
  'onData',
  'onComplete',
  'onError',
  'onResponseStart',
  'onResponseData',
  'onResponseEnd',
  'onResponseError',
] as const;
const KNOWN: ReadonlySet<string> = new Set([...METHODS, ...CHANGED]);

/** An object of no class with the known methods of one style, as fetch has it: another with the same does for it. */
function isPlain(handler: Handler): boolean {
  if (Object.getPrototypeOf(handler) !== Object.prototype) return false;
  if (isNewStyle(handler) && (handler.onConnect || handler.onHeaders)) return false;
  for (const name in handler)
    if (typeof handler[name] === 'function' && !KNOWN.has(name)) return false;
  return true;
}

/** Of a class, whose fields and further methods are seen: it may be private, and has to be itself. */
function likeItself(handler: Handler, changed: Calls): Handler {
  const own = new Map<PropertyKey, Call>();
  return new Proxy(handler, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function' || typeof name === 'symbol') return value;
      let method = own.get(name);
      if (!method) {
        method = changed[name] ?? ((...args) => Reflect.apply(value, target, args));
        own.set(name, method);
      }
      return method;
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
  });
}

/** undici asks a handler what it can by looking: what the other has not, this has not. */
const through = (to: Calls, name: (typeof METHODS)[number]): Call | undefined =>
  to[name] && ((...args) => to[name]?.(...args));

function oldStyle(to: Calls, watch: ResponseWatch): Calls {
  return {
    onConnect: through(to, 'onConnect'),
    onUpgrade: through(to, 'onUpgrade'),
    onResponseStarted: through(to, 'onResponseStarted'),
    onBodySent: through(to, 'onBodySent'),
    onRequestSent: through(to, 'onRequestSent'),
    onInfo: through(to, 'onInfo'),
    onHeaders: (status, raw, ...rest) => {
      const headers: FlatHeaders = Array.isArray(raw) ? raw : [];
      if (isFinal(status)) watch.head(Number(status), (name) => headerIn(headers, name));
      const shown = watch.restores ? withoutHeader(headers, 'content-length') : raw;
      return to.onHeaders?.(status, shown, ...rest);
    },
    onData: (chunk) => hand(watch.data(chunk as Uint8Array), (bytes) => to.onData?.(bytes)),
    onComplete: (...args) => {
      hand(watch.end(), (bytes) => to.onData?.(bytes));
      return to.onComplete?.(...args);
    },
    onError: (error) => {
      watch.fail(error);
      return to.onError?.(error);
    },
  };
}

function newStyle(to: Calls, watch: ResponseWatch): Calls {
  return {
    onRequestStart: through(to, 'onRequestStart'),
    onRequestUpgrade: through(to, 'onRequestUpgrade'),
    onResponseStarted: through(to, 'onResponseStarted'),
    onBodySent: through(to, 'onBodySent'),
    onRequestSent: through(to, 'onRequestSent'),
    onInfo: through(to, 'onInfo'),
    onResponseStart: (controller, status, headers, ...rest) => {
      const fields = (headers ?? {}) as Readonly<Record<string, unknown>>;
      if (isFinal(status)) watch.head(Number(status), (name) => text(fields[name]));
      const { 'content-length': _, ...others } = fields;
      const shown = watch.restores ? others : headers;
      return to.onResponseStart?.(controller, status, shown, ...rest);
    },
    onResponseData: (controller, chunk) =>
      hand(watch.data(chunk as Uint8Array), (bytes) => to.onResponseData?.(controller, bytes)),
    onResponseEnd: (controller, ...rest) => {
      hand(watch.end(), (bytes) => to.onResponseData?.(controller, bytes));
      return to.onResponseEnd?.(controller, ...rest);
    },
    onResponseError: (controller, error) => {
      watch.fail(error);
      return to.onResponseError?.(controller, error);
    },
  };
}

const isFinal = (status: unknown): boolean => Number(status) >= 200;

/** undici reads `false` as a wish to wait, so nothing to hand on must not look like one. */
function hand(bytes: Uint8Array | undefined, on: (bytes: Uint8Array) => unknown): unknown {
  return bytes === undefined || bytes.length === 0 ? true : on(bytes);
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : Buffer.isBuffer(value) ? value.toString('latin1') : undefined;
