import type { ResponseWatch } from './body/body-guard.ts';

/** Handlers of undici 6 and 7 (`onHeaders`) and of 7 and 8 (`onResponseStart`): https://undici.nodejs.org, Dispatcher. */
export type Handler = Readonly<Record<string, unknown>> & object;
type Call = (...args: unknown[]) => unknown;

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
  const call = (name: string, args: readonly unknown[]): unknown => {
    const method = handler[name];
    return typeof method === 'function' ? Reflect.apply(method, handler, args) : undefined;
  };
  const changed = isNewStyle(handler) ? newStyle(call, watch) : oldStyle(call, watch);
  // Only what the other has: undici asks a handler what it can by looking.
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

type Caller = (name: string, args: readonly unknown[]) => unknown;

function oldStyle(call: Caller, watch: ResponseWatch): Readonly<Record<string, Call>> {
  return {
    onHeaders: (status, raw, ...rest) => {
      const headers = Array.isArray(raw) ? raw : [];
      if (isFinal(status)) watch.head(Number(status), (name) => inRaw(headers, name));
      const shown = watch.restores ? withoutLength(headers) : raw;
      return call('onHeaders', [status, shown, ...rest]);
    },
    onData: (chunk) => hand(watch.data(chunk as Uint8Array), (bytes) => call('onData', [bytes])),
    onComplete: (...args) => {
      hand(watch.end(), (bytes) => call('onData', [bytes]));
      return call('onComplete', args);
    },
    onError: (error) => {
      watch.fail(error);
      return call('onError', [error]);
    },
  };
}

function newStyle(call: Caller, watch: ResponseWatch): Readonly<Record<string, Call>> {
  return {
    onResponseStart: (controller, status, headers, ...rest) => {
      const fields = (headers ?? {}) as Readonly<Record<string, unknown>>;
      if (isFinal(status)) watch.head(Number(status), (name) => text(fields[name]));
      const { 'content-length': _, ...others } = fields;
      return call('onResponseStart', [
        controller,
        status,
        watch.restores ? others : headers,
        ...rest,
      ]);
    },
    onResponseData: (controller, chunk) =>
      hand(watch.data(chunk as Uint8Array), (bytes) => call('onResponseData', [controller, bytes])),
    onResponseEnd: (controller, ...rest) => {
      hand(watch.end(), (bytes) => call('onResponseData', [controller, bytes]));
      return call('onResponseEnd', [controller, ...rest]);
    },
    onResponseError: (controller, error) => {
      watch.fail(error);
      return call('onResponseError', [controller, error]);
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

function inRaw(raw: readonly unknown[], name: string): string | undefined {
  for (let at = 0; at + 1 < raw.length; at += 2)
    if (text(raw[at])?.toLowerCase() === name) return text(raw[at + 1]);
  return undefined;
}

function withoutLength(raw: readonly unknown[]): unknown[] {
  const kept: unknown[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2)
    if (text(raw[at])?.toLowerCase() !== 'content-length') kept.push(raw[at], raw[at + 1]);
  return kept;
}
