const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/;
// W3C Trace Context section 3.2: version ff is invalid, version 00 ends after the flags, later ones may go on.
const TRACEPARENT =
  /^(?:00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})|(?!00|ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?)$/;

export type RemoteParent = {
  readonly traceId: string;
  readonly spanId: string | undefined;
  readonly flags?: number | undefined;
};

/** Reads a `traceparent`; it comes from outside, so anything but the exact form reads as none. */
export function parseTraceparent(text: string): RemoteParent | undefined {
  if (text.length > 512) return undefined;
  const parts = TRACEPARENT.exec(text);
  const traceId = parts?.[1] ?? parts?.[4];
  const spanId = parts?.[2] ?? parts?.[5];
  const flags = Number.parseInt(parts?.[3] ?? parts?.[6] ?? '', 16) & KNOWN_FLAGS;
  if (traceId === undefined || spanId === undefined) return undefined;
  return isTraceId(traceId) && !/^0+$/.test(spanId) ? { traceId, spanId, flags } : undefined;
}

export const isTraceId = (text: string): boolean => TRACE_ID.test(text);

// W3C Trace Context level 2, section 3.2.2.5: whether it is recorded, and whether its id is random.
export const SAMPLED = 1;
const RANDOM = 2;
const KNOWN_FLAGS = SAMPLED | RANDOM;
/** Of traces begun here. Sampled always: a record is an audit record, not a sample. */
const OWN_FLAGS = SAMPLED | RANDOM;

/** @param flags that the trace came with: whoever samples it goes on doing so. */
export const formatTraceparent = (traceId: string, spanId: string, flags = OWN_FLAGS): string =>
  `00-${traceId}-${spanId}-0${flags & KNOWN_FLAGS}`;
