import { AsyncLocalStorage } from 'node:async_hooks';
import { mintSpanId, mintTraceId } from './ids.ts';

/** exact: begun here; inherited: came from the parent process or a traceparent header. */
export type TraceOrigin = 'exact' | 'inherited';

/** One trace. Its id is minted when somebody first asks, which for most shields is at flush. */
export type Trace = {
  id: string | undefined;
  readonly origin: TraceOrigin;
  /** Span of the caller in another process. */
  readonly remoteSpan: string | undefined;
  /** W3C Trace Context trace-flags that it came with; absent: it is ours. */
  flags?: number | undefined;
};

/** The same span in another library that was asked to tell of it too. */
export type Peer = {
  /** Runs the function, once, so that the other library knows where it is. */
  run<R>(fn: () => R): R;
  end(span: Span): void;
};

/** One call of a shielded function; also its own entry in the queue once it has ended. */
export type Span = {
  readonly type: 'shield';
  readonly trace: Trace;
  readonly parent: Span | undefined;
  readonly name: string | undefined;
  readonly at: number;
  id: string | undefined;
  endedAt: number;
  error: unknown;
  /** 0 open, 1 ended well, 2 ended with `error`. */
  state: 0 | 1 | 2;
  /** Whether a shield_start told of it while it was open. */
  announced: boolean;
  peer?: Peer | undefined;
};

export const storage = new AsyncLocalStorage<Span>();

/** Stands in the storage while our own requests run, so that nothing observes them. */
export const EXEMPT: Span = {
  type: 'shield',
  trace: { id: undefined, origin: 'exact', remoteSpan: undefined },
  parent: undefined,
  name: undefined,
  at: 0,
  id: undefined,
  endedAt: 0,
  error: undefined,
  state: 1,
  announced: true,
};

export const runIn = <R>(span: Span, fn: () => R): R => {
  const { peer } = span;
  return peer === undefined ? storage.run(span, fn) : peer.run(() => storage.run(span, fn));
};

export const traceIdOf = ({ trace }: Span): string => {
  trace.id ??= mintTraceId();
  return trace.id;
};

export const spanIdOf = (span: Span): string => {
  span.id ??= mintSpanId();
  return span.id;
};

export const parentSpanIdOf = ({ parent, trace }: Span): string | undefined =>
  parent === undefined ? trace.remoteSpan : spanIdOf(parent);
