import { hostFields, splitAuthority } from '../observe/target.ts';
import { isOurs } from './agents.ts';
import type { BodyGuard, Inspection, Ruled } from './body/body-guard.ts';
import { collect } from './collect.ts';
import { doomConnection } from './doomed.ts';
import { guardedOr } from './guarded.ts';
import { inForce } from './in-force.ts';
import { judgeHost } from './judge.ts';
import type { Patches } from './patches.ts';
import { expectTunnel } from './proxies.ts';
import { refused } from './refused.ts';
import { isPassing } from './undici-dispatcher.ts';
import { type Handler, watchedHandler } from './undici-handler.ts';
import { headerIn } from './undici-headers.ts';
import { type Place, placeOfOrigin } from './undici-place.ts';
import { lookedAt, made } from './undici-request.ts';
import { whileEnforcing } from './while-enforcing.ts';

/** A request of undici 6 to 8, as it is when its channel tells of it: made, queued nowhere yet. */
type Request = {
  readonly origin: string | URL;
  readonly path: string;
  readonly method: string;
  readonly upgrade: unknown;
  body: unknown;
  contentLength: number | null;
  headers: unknown[];
  readonly aborted?: boolean;
  onError?(error: Error): void;
  onResponseError?(error: Error): void;
};

/**
 * Agents that a program makes for itself, and redirects within them, pass no dispatcher of ours; the channel that tells
 * of each request does see them, before it is queued. Its connection, if it needs a new one, is refused at the socket.
 */
export function guardPrivateAgents(patches: Patches, guard: BodyGuard): void {
  whileEnforcing<{ request: Request }>(patches, 'undici:request:create', ({ request }) => {
    if (isPassing()) return made(request.body);
    if (isOurs() || isKnown(request.body)) return;
    const first = inForce.awaited();
    if (first === undefined) judgeNow(request, guard);
    else {
      // The first policy is on its way, and so the connection waits: nothing of the request is written before it is judged, unless
      // the agent had one already.
      unsent.add(request);
      void first.then(() => {
        if (unsent.delete(request) && !request.aborted) judgeNow(request, guard);
      });
    }
  });
  whileEnforcing<{ request: Request }>(patches, 'undici:client:sendHeaders', ({ request }) => {
    unsent.delete(request);
  });
}

/** Requests that were made before the first policy came, and not written yet. */
const unsent = new WeakSet<Request>();

function judgeNow(request: Request, guard: BodyGuard): void {
  const outcome = guardedOr('judging a request', undefined, () => judge(request, guard));
  if (outcome?.error) fail(request, outcome.error);
}

const isKnown = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && lookedAt.has(body);

function fail(request: Request, error: Error): void {
  refused.add(request);
  // Told at the end of this turn: who dispatched has not got its answer yet.
  if (request.onResponseError) request.onResponseError(error);
  else request.onError?.(error);
}

function judge(request: Request, guard: BodyGuard): { readonly error: Error } | undefined {
  const target = targetOf(request);
  if (target === undefined) return undefined;
  const { headers } = request;
  const client = headerIn(headers, 'sec-fetch-mode') === undefined ? 'undici' : 'fetch';
  const ruling = judgeHost(target, () => ({
    type: 'http_request',
    detail: { ...hostFields(target.host), target_port: target.port, client },
  }));
  const proxy = request.method === 'CONNECT' ? placeOfOrigin(request.origin) : undefined;
  if (ruling.kind === 'refused') {
    if (proxy) doomConnection(proxy, ruling.error);
    return ruling;
  }
  if (proxy) expectTunnel(proxy);
  const inspection = guard({
    ...target,
    method: request.method,
    path: request.path,
    client,
    header: (name) => headerIn(headers, name),
  });
  return inspection && inspect(request, inspection);
}

function inspect(request: Request, inspection: Inspection): { readonly error: Error } | undefined {
  const { body } = request;
  if (inspection.maxBytes === 0 || body === null || body === undefined) {
    watch(request, inspection.pass());
    return undefined;
  }
  if (Buffer.isBuffer(body) && body.length <= inspection.maxBytes) {
    const ruling = inspection.inspect(body);
    if (ruling.kind === 'wait') {
      holdUntil(request, ruling.ruled);
      return undefined;
    }
    if (ruling.kind === 'block') return ruling;
    if (ruling.bytes !== body) {
      request.body = asBuffer(ruling.bytes);
      if (request.contentLength !== null) request.contentLength = ruling.bytes.length;
    }
    watch(request, ruling.watch);
    return undefined;
  }
  if (!Buffer.isBuffer(body) && isStream(body)) {
    holdStream(request, body, inspection);
    return undefined;
  }
  const outcome = inspection.giveUp(Buffer.isBuffer(body) ? 'size' : 'stream');
  if ('error' in outcome) return outcome;
  watch(request, outcome.watch);
  return undefined;
}

/** The body is looked at when the request is written; its length is not known before, so it goes in chunks. */
function holdStream(request: Request, body: AsyncIterable<unknown>, inspection: Inspection): void {
  hold(request, async function* (tell) {
    const collected = await collect(body, inspection.maxBytes);
    if (collected.kind === 'more') {
      const outcome = inspection.giveUp('size');
      if ('error' in outcome) throw outcome.error;
      tell(outcome.watch);
      yield* collected.rest;
      return;
    }
    const ruling = inspection.inspect(collected.bytes);
    yield* ruledBody(ruling.kind === 'wait' ? await ruling.ruled : ruling, tell);
  });
}

const holdUntil = (request: Request, ruled: Promise<Ruled>): void =>
  hold(request, async function* (tell) {
    yield* ruledBody(await ruled, tell);
  });

function* ruledBody(ruled: Ruled, tell: (watching: Watching) => void): Generator<Uint8Array> {
  if (ruled.kind === 'block') throw ruled.error;
  tell(ruled.watch);
  yield ruled.bytes;
}

type Watching = ReturnType<Inspection['pass']>;

/** The answer is watched by what the body turns out to want. */
function hold(
  request: Request,
  bodyOf: (tell: (watching: Watching) => void) => AsyncGenerator<unknown>,
): void {
  let told: Watching;
  watch(request, {
    restores: false,
    head: (status, header) => told?.head(status, header),
    data: (chunk) => told?.data(chunk) ?? chunk,
    end: () => told?.end(),
    fail: (error) => told?.fail(error),
  });
  request.contentLength = null;
  request.body = bodyOf((watching) => {
    told = watching;
  });
}

function watch(request: Request, watching: ReturnType<Inspection['pass']>): void {
  if (!watching) return;
  const symbol = Object.getOwnPropertySymbols(request).find(
    ({ description }) => description === 'handler',
  );
  const slots = request as unknown as Record<symbol, Handler>;
  const handler = symbol && slots[symbol];
  if (!symbol || !handler) return;
  if (watching.restores) request.headers = identity(request.headers);
  slots[symbol] = watchedHandler(handler, watching);
}

/** undici 6 and 7 keep headers as a flat list. */
function identity(headers: unknown[]): unknown[] {
  const at = headers.findIndex(
    (name, place) => place % 2 === 0 && String(name).toLowerCase() === 'accept-encoding',
  );
  return at === -1 ? [...headers, 'accept-encoding', 'identity'] : headers.with(at + 1, 'identity');
}

function targetOf(request: Request): Place | undefined {
  if (request.method !== 'CONNECT') return placeOfOrigin(request.origin);
  const { host, port } = splitAuthority(request.path);
  return { host: host.replace(/^\[|\]$/g, ''), port: port ?? 443 };
}

const isStream = (body: unknown): body is AsyncIterable<unknown> =>
  typeof (body as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === 'function';

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
