import { hostFields } from '../observe/target.ts';
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
import { type Go, judgeHost, remind } from './judge.ts';
import { failHandler, type Handler, watchedHandler } from './undici-handler.ts';
import { type FlatHeaders, flatHeaders, headerIn, unread, withHeaders } from './undici-headers.ts';
import { type Place, placeOfOrigin } from './undici-place.ts';

export type DispatchOptions = {
  readonly origin?: string | URL;
  readonly path: string;
  readonly method: string;
  readonly body?: unknown;
  readonly headers?: unknown;
  readonly upgrade?: unknown;
};
type Dispatch = (options: DispatchOptions, handler: Handler) => boolean;

/** What a program gave fetch for a body, before fetch makes a stream of it. */
export type KnownBody = string | Uint8Array;

export type Sending = {
  readonly options: DispatchOptions;
  readonly handler: Handler;
  readonly dispatch: Dispatch;
  /** What the body of the options is made of, where it has one. */
  readonly known?: KnownBody | undefined;
};
type Judged = Sending & {
  readonly headers: FlatHeaders;
  readonly inspection: Inspection;
  readonly ruling: Go;
};

/** Bodies that were looked at here: what becomes a request later, when a connection is free, is known by them. */
export const lookedAt = new WeakSet<object>();

/** The body that is being dispatched, until its request is made, which nearly all are at once. */
let unmade: unknown;
export function made(body: unknown): void {
  if (body === unmade) unmade = undefined;
}

/** Asks policy of a request that is about to be dispatched, and hands it on, with what is to be changed, or fails it. */
export function sendJudged(sending: Sending, guard: BodyGuard): boolean {
  const { options, handler, dispatch } = sending;
  const verdict = guardedOr('judging a request', undefined, () => judge(options, guard));
  if (verdict === undefined) return dispatch(options, handler);
  if ('error' in verdict) {
    failHandler(handler, verdict.error);
    return true;
  }
  return inspected({ options, handler, dispatch, known: sending.known, ...verdict });
}

function judge(options: DispatchOptions, guard: BodyGuard) {
  const place = placeOfOrigin(options.origin);
  if (place === undefined) return undefined;
  const ruling = judgeHost(place, () => ({
    type: 'http_request',
    detail: {
      ...hostFields(place.host),
      target_port: place.port,
      client: clientOf(flatHeaders(options.headers)),
    },
  }));
  if (ruling.kind === 'refused') return { error: ruling.error };
  const headers = flatHeaders(options.headers);
  const inspection = guard(outgoingOf(options, place, headers));
  return inspection && { inspection, headers, ruling };
}

function inspected(judged: Judged): boolean {
  const { options, handler, known, headers, inspection } = judged;

  const send = (ruling: BodyRuling, body: Buffer): boolean => {
    if (ruling.kind === 'wait') {
      void ruling.ruled.then((ruled) => failing(handler, () => send(ruled, body)));
      return true;
    }
    if (ruling.kind === 'block') {
      failHandler(handler, ruling.error);
      return true;
    }
    const bytes = asBuffer(ruling.bytes);
    const isOther = bytes.length !== body.length && headerIn(headers, 'content-length');
    const changes = isOther ? { 'content-length': String(bytes.length) } : undefined;
    return handOn(judged, bytes, changes, ruling.watch);
  };

  function givenUp(rest: unknown, reason: Unread = 'size'): boolean {
    const outcome = inspection.giveUp(reason);
    if ('error' in outcome) {
      failHandler(handler, outcome.error);
      return true;
    }
    return handOn(judged, rest, undefined, outcome.watch);
  }

  const { body } = options;
  if (inspection.maxBytes === 0 || body === null || body === undefined)
    return handOn(judged, body, undefined, inspection.pass());
  const whole = wholeBody(known ?? body);
  if (whole) {
    if (whole.length > inspection.maxBytes) return givenUp(body);
    const text = typeof known === 'string' ? known : undefined;
    return send(inspectSafely(inspection, whole, text), whole);
  }
  if (!isStream(body)) return givenUp(body, isForm(body) ? 'multipart' : 'stream');
  collect(body, inspection.maxBytes).then(
    (collected) =>
      failing(handler, () => {
        if (collected.kind === 'whole')
          send(inspectSafely(inspection, collected.bytes), collected.bytes);
        else givenUp(collected.rest);
      }),
    (error: Error) => failHandler(handler, error),
  );
  return true;
}

function failing(handler: Handler, body: () => void): void {
  try {
    body();
  } catch (error) {
    failHandler(handler, error as Error);
  }
}

function inspectSafely(inspection: Inspection, body: Buffer, text?: string): BodyRuling {
  const outcome = guardedOr('looking at a body', { kind: 'send', bytes: body } as BodyRuling, () =>
    inspection.inspect(body, text),
  );
  return 'kind' in outcome ? outcome : ({ kind: 'block', error: outcome.error } as BodyRuling);
}

function handOn(
  { options, handler, dispatch, headers: flat, ruling }: Judged,
  body: unknown,
  changes: Readonly<Record<string, string>> | undefined,
  watch: ResponseWatch | undefined,
): boolean {
  const all = watch?.restores ? { ...changes, 'accept-encoding': 'identity' } : changes;
  const headers = all === undefined ? unread(options.headers, flat) : withHeaders(flat, all);
  remind(ruling);
  const outer = unmade;
  unmade = body;
  const goesOn = dispatch(
    { ...options, body, headers },
    watch ? watchedHandler(handler, watch) : handler,
  );
  if (unmade === body && typeof body === 'object' && body !== null) lookedAt.add(body);
  unmade = outer;
  return goesOn;
}

const clientOf = (headers: FlatHeaders): 'fetch' | 'undici' =>
  headerIn(headers, 'sec-fetch-mode') === undefined ? 'undici' : 'fetch';

const outgoingOf = (options: DispatchOptions, place: Place, headers: FlatHeaders): Outgoing => ({
  host: place.host,
  port: place.port,
  method: options.method,
  path: options.path,
  client: clientOf(headers),
  header: (name) => headerIn(headers, name),
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
