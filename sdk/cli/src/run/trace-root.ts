import { randomBytes } from 'node:crypto';

export type TraceRoot = {
  readonly traceId: string;
  /** `continued` when the environment already carried one. */
  readonly origin: 'minted' | 'continued';
};

const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/;
// W3C Trace Context, section 3.2.2: version ff is invalid, a trace-id of zeros too.
const TRACEPARENT =
  /^(?!ff)[0-9a-f]{2}-((?!0{32})[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/;

/** The one trace that a program and its children belong to. A malformed one in the environment is not carried on. */
export function traceRoot(environment: Readonly<Record<string, string | undefined>>): TraceRoot {
  const { VANTIO_TRACE_ID, TRACEPARENT: parent } = environment;
  if (VANTIO_TRACE_ID !== undefined && TRACE_ID.test(VANTIO_TRACE_ID))
    return { traceId: VANTIO_TRACE_ID, origin: 'continued' };
  const continued = TRACEPARENT.exec(parent ?? '')?.[1];
  if (continued !== undefined) return { traceId: continued, origin: 'continued' };
  return { traceId: mint(), origin: 'minted' };
}

function mint(): string {
  const traceId = randomBytes(16).toString('hex');
  return TRACE_ID.test(traceId) ? traceId : mint();
}
