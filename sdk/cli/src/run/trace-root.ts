import { randomBytes } from 'node:crypto';

export type TraceRoot = {
  readonly traceId: string;
  /** `continued` when the environment already carried one. */
  readonly origin: 'minted' | 'continued';
  /** What it was continued from, with the span to hang under. */
  readonly traceparent?: string;
};

const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/;
// W3C Trace Context, section 3.2.2: version ff is invalid, a trace-id of zeros too.
const TRACEPARENT =
  /^(?!ff)[0-9a-f]{2}-((?!0{32})[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/;

/**
 * The one trace that a program and its children belong to. VANTIO_TRACE_ID may hold a trace id or a whole traceparent; a
 * malformed one is not carried on.
 */
export function traceRoot(environment: Readonly<Record<string, string | undefined>>): TraceRoot {
  const { VANTIO_TRACE_ID: own = '', TRACEPARENT: parent = '' } = environment;
  if (TRACE_ID.test(own)) return { traceId: own, origin: 'continued' };
  for (const traceparent of [own, parent]) {
    const traceId = TRACEPARENT.exec(traceparent)?.[1];
    if (traceId !== undefined) return { traceId, origin: 'continued', traceparent };
  }
  return { traceId: mint(), origin: 'minted' };
}

function mint(): string {
  const traceId = randomBytes(16).toString('hex');
  return TRACE_ID.test(traceId) ? traceId : mint();
}
