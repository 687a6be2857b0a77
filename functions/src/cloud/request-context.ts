import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage } from 'node:http';
import { type TraceContext, traceContextOf } from './trace-context.ts';

/** What lines in the log and counts may want to know of the request that they belong to. */
export type RequestContext = {
  readonly functionName: string;
  readonly trace: TraceContext | undefined;
};

const current = new AsyncLocalStorage<RequestContext>();

/** The one place where a request's context is kept: no signature below a function's entry mentions it. */
export const inRequest = <T>(functionName: string, { headers }: IncomingMessage, run: () => T): T =>
  current.run({ functionName, trace: traceContextOf(headers) }, run);

/** Undefined outside of a request: at start, at the end, and in what several requests share. */
export const currentRequest = (): RequestContext | undefined => current.getStore();
