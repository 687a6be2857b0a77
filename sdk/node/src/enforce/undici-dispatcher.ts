import { hostFields } from '../observe/target.ts';
import { isOurs } from './agents.ts';
import type {
  BodyGuard,
  BodyRuling,
  Inspection,
  Outgoing,
  ResponseWatch,
  Unread,
} from './body/body-guard.ts';
import { collect } from './collect.ts';
import { guardedOr } from './guarded.ts';
import { inForce } from './in-force.ts';
import { judgeHost, remind } from './judge.ts';
import type { Patches } from './patches.ts';
import { failHandler, type Handler, watchedHandler } from './undici-handler.ts';
import { headerIn, pairsOf, withHeaders } from './undici-headers.ts';

export type DispatchOptions = {
  readonly origin?: string | URL;
  readonly path: string;
  readonly method: string;
  readonly body?: unknown;
  readonly headers?: unknown;
  readonly upgrade?: unknown;
};
type Dispatch = (options: DispatchOptions, handler: Handler) => boolean;
type Dispatcher = { dispatch: Dispatch };

/** Node's own fetch and the undici that a program installs each look for their dispatcher under one of these. */
const GLOBALS = ['undici.globalDispatcher.1', 'undici.globalDispatcher.2'].map(Symbol.for);

/** Depth of dispatches that were judged here, so that what they do at once is not judged again. */
let passing = 0;
export const isPassing = (): boolean => passing > 0;
/** Bodies that were looked at here: what becomes a request later, when a connection is free, is known by them. */
export const lookedAt = new WeakSet<object>();

/** @returns the names of what was found and is guarded. */
export function guardDispatchers(patches: Patches, guard: BodyGuard): readonly string[] {
  // Node makes its own when something of fetch is first used.
  void new Request('http://localhost/');
  const globals = globalThis as unknown as Record<symbol, Dispatcher | undefined>;
  return GLOBALS.filter((symbol) => {
    const dispatcher = globals[symbol];
    if (typeof dispatcher?.dispatch !== 'function') return false;
    patches.set(globalThis, symbol, composed(dispatcher, guard));
    return true;
  }).map(({ description }) => description ?? '');
}

/** What undici's own `compose` makes: the dispatcher itself with another `dispatch`. */
function composed(dispatcher: Dispatcher, guard: BodyGuard): Dispatcher {
  const dispatch = guardedDispatch((options, handler) => {
    passing++;
    try {
      return dispatcher.dispatch(options, handler);
    } finally {
      passing--;
    }
  }, guard);
  return new Proxy(dispatcher, {
    get: (target, name) => (name === 'dispatch' ? dispatch : Reflect.get(target, name, target)),
  });
}

const guardedDispatch =
  (dispatch: Dispatch, guard: BodyGuard): Dispatch =>
  (options, handler) => {
    if (isOurs()) return dispatch(options, handler);
    const first = inForce.awaited();
    if (first === undefined) return judged(options, handler, dispatch, guard);
    void first.then(() => {
      try {
        judged(options, handler, dispatch, guard);
      } catch (error) {
        failHandler(handler, error as Error);
      }
    });
    return true;
  };

function judged(
  options: DispatchOptions,
  handler: Handler,
  dispatch: Dispatch,
  guard: BodyGuard,
): boolean {
  const verdict = guardedOr('judging a request', undefined, () => {
    const place = placeOf(options);
    if (place === undefined) return undefined;
    const ruling = judgeHost(place, () => ({
      type: 'http_request',
      detail: {
        ...hostFields(place.host),
        target_port: place.port,
        client: clientOf(options),
      },
    }));
    if (ruling.kind === 'refused') return { error: ruling.error };
    const pairs = pairsOf(options.headers);
    const inspection = guard(outgoingOf(options, place, pairs));
    return inspection && { inspection, pairs, ruling };
  });
  if (verdict === undefined) return dispatch(options, handler);
  if ('error' in verdict) {
    failHandler(handler, verdict.error);
    return true;
  }
  const { inspection, pairs, ruling } = verdict;
  const reminding: Dispatch = (...args) => {
    remind(ruling);
    return dispatch(...args);
  };
  return inspected(options, handler, reminding, inspection, pairs);
}

type Pairs = readonly (readonly [string, unknown])[];

function inspected(
  options: DispatchOptions,
  handler: Handler,
  dispatch: Dispatch,
  inspection: Inspection,
  pairs: Pairs,
): boolean {
  const send = (ruling: BodyRuling, body: Buffer): boolean => {
    if (ruling.kind === 'block') {
      failHandler(handler, ruling.error);
      return true;
    }
    const bytes = asBuffer(ruling.bytes);
    lookedAt.add(bytes);
    const length = String(bytes.length);
    const isLonger = bytes.length !== body.length && headerIn(pairs, 'content-length');
    return watched(
      { ...options, body: bytes, headers: options.headers },
      pairs,
      isLonger ? { 'content-length': length } : {},
      handler,
      dispatch,
      ruling.watch,
    );
  };
  const { body } = options;
  if (inspection.maxBytes === 0 || body === null || body === undefined) {
    const watch = inspection.pass();
    return watched(options, pairs, {}, handler, dispatch, watch);
  }
  const whole = wholeBody(body);
  if (whole) {
    if (whole.length > inspection.maxBytes) return givenUp(body);
    return send(inspectSafely(inspection, whole), whole);
  }
  if (!isStream(body)) return givenUp(body, isForm(body) ? 'multipart' : 'stream');
  collect(body, inspection.maxBytes).then(
    (collected) => {
      try {
        if (collected.kind === 'whole')
          send(inspectSafely(inspection, collected.bytes), collected.bytes);
        else givenUp(collected.rest);
      } catch (error) {
        failHandler(handler, error as Error);
      }
    },
    (error: Error) => failHandler(handler, error),
  );
  return true;

  function givenUp(rest: unknown, reason: Unread = 'size'): boolean {
    const outcome = inspection.giveUp(reason);
    if ('error' in outcome) {
      failHandler(handler, outcome.error);
      return true;
    }
    if (typeof rest === 'object' && rest !== null) lookedAt.add(rest);
    return watched({ ...options, body: rest }, pairs, {}, handler, dispatch, outcome.watch);
  }
}

function inspectSafely(inspection: Inspection, body: Buffer): BodyRuling {
  const outcome = guardedOr('looking at a body', { kind: 'send', bytes: body } as BodyRuling, () =>
    inspection.inspect(body),
  );
  return 'kind' in outcome ? outcome : ({ kind: 'block', error: outcome.error } as BodyRuling);
}

function watched(
  options: DispatchOptions,
  pairs: Pairs,
  changes: Readonly<Record<string, string | undefined>>,
  handler: Handler,
  dispatch: Dispatch,
  watch: ResponseWatch | undefined,
): boolean {
  const all = watch?.restores ? { ...changes, 'accept-encoding': 'identity' } : changes;
  const headers = Object.keys(all).length === 0 ? options.headers : withHeaders(pairs, all);
  return dispatch({ ...options, headers }, watch ? watchedHandler(handler, watch) : handler);
}

function placeOf({ origin }: DispatchOptions): { host: string; port: number } | undefined {
  if (origin === undefined || !URL.canParse(String(origin))) return undefined;
  const { hostname, port, protocol } = new URL(String(origin));
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (protocol === 'https:' || protocol === 'wss:' ? 443 : 80),
  };
}

const clientOf = ({ headers }: DispatchOptions): 'fetch' | 'undici' =>
  headerIn(pairsOf(headers), 'sec-fetch-mode') === undefined ? 'undici' : 'fetch';

const outgoingOf = (
  options: DispatchOptions,
  place: { readonly host: string; readonly port: number },
  pairs: Pairs,
): Outgoing => ({
  ...place,
  method: options.method,
  path: options.path,
  client: headerIn(pairs, 'sec-fetch-mode') === undefined ? 'undici' : 'fetch',
  header: (name) => headerIn(pairs, name),
});

function wholeBody(body: unknown): Buffer | undefined {
  if (typeof body === 'string') return Buffer.from(body);
  if (ArrayBuffer.isView(body)) return asBuffer(body);
  return body instanceof ArrayBuffer ? Buffer.from(body) : undefined;
}

const asBuffer = (bytes: ArrayBufferView): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const isStream = (body: unknown): body is AsyncIterable<unknown> =>
  typeof (body as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === 'function';

const isForm = (body: unknown): boolean =>
  Object.prototype.toString.call(body) === '[object FormData]';
