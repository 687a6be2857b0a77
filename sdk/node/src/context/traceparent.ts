const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/;
// W3C Trace Context section 3.2: version ff is invalid, version 00 ends after the flags, later ones may go on.
const TRACEPARENT =
  /^(?:00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}|(?!00|ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?)$/;

export type RemoteParent = { readonly traceId: string; readonly spanId: string | undefined };

/** Reads a `traceparent`; it comes from outside, so anything but the exact form reads as none. */
export function parseTraceparent(text: string): RemoteParent | undefined {
  if (text.length > 512) return undefined;
  const parts = TRACEPARENT.exec(text);
  const traceId = parts?.[1] ?? parts?.[3];
  const spanId = parts?.[2] ?? parts?.[4];
  if (traceId === undefined || spanId === undefined) return undefined;
  return isTraceId(traceId) && !/^0+$/.test(spanId) ? { traceId, spanId } : undefined;
}

export const isTraceId = (text: string): boolean => TRACE_ID.test(text);

/** Sampled always: a record is an audit record, not a sample. */
export const formatTraceparent = (traceId: string, spanId: string): string =>
  `00-${traceId}-${spanId}-01`;
