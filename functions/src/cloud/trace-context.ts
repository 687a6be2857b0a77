import type { IncomingHttpHeaders } from 'node:http';

/** Where a request stands in a trace that somebody else began. */
export type TraceContext = {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits. */
  readonly spanId?: string;
  readonly sampled: boolean;
};

/** https://www.w3.org/TR/trace-context/#traceparent-header; a later version may say more after the flags. */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
/** https://cloud.google.com/trace/docs/trace-context#legacy-http-header; its span id is decimal. */
const CLOUD_TRACE = /^([0-9a-f]{32})(?:\/([0-9]{1,20}))?(?:;o=([0-9]{1,10}))?$/i;
const ZEROS = /^0+$/;
const MAX_SPAN_ID = 2n ** 64n - 1n;

/**
 * Both header fields are whatever the client sent. What is not exactly of their form is not there; what is, can be nothing
 * but hex digits, and at worst puts a request's lines beside another trace's.
 */
export const traceContextOf = (headers: IncomingHttpHeaders): TraceContext | undefined =>
  fromTraceparent(headers.traceparent) ?? fromCloudTrace(headers['x-cloud-trace-context']);

function fromTraceparent(header: unknown): TraceContext | undefined {
  if (typeof header !== 'string') return undefined;
  const [, version, traceId = '', spanId = '', flags = '', more] = TRACEPARENT.exec(header) ?? [];
  if (version === undefined || (version === '00' && more !== undefined)) return undefined;
  if (ZEROS.test(traceId) || ZEROS.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

function fromCloudTrace(header: unknown): TraceContext | undefined {
  if (typeof header !== 'string') return undefined;
  const [, trace, decimal = '0', options = '0'] = CLOUD_TRACE.exec(header) ?? [];
  if (trace === undefined || ZEROS.test(trace)) return undefined;
  const span = BigInt(decimal);
  return {
    traceId: trace.toLowerCase(),
    sampled: (Number(options) & 1) === 1,
    ...(span === 0n || span > MAX_SPAN_ID ? {} : { spanId: span.toString(16).padStart(16, '0') }),
  };
}
