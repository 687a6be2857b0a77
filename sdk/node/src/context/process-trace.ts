import { debug } from './debug.ts';
import { env } from './main-realm.ts';
import type { Trace } from './span.ts';
import { isTraceId, parseTraceparent, type RemoteParent, SAMPLED } from './traceparent.ts';

/** The trace this whole process was started under, from VANTIO_TRACE_ID or TRACEPARENT. */
export const processTrace: Trace | undefined = read();

function read(): Trace | undefined {
  const remote = fromEnvironment(env.VANTIO_TRACE_ID, env.TRACEPARENT);
  return (
    remote && {
      id: remote.traceId,
      origin: 'inherited',
      remoteSpan: remote.spanId,
      flags: remote.flags,
    }
  );
}

function fromEnvironment(
  id: string | undefined,
  parent: string | undefined,
): RemoteParent | undefined {
  const traceparent = parent ? parseTraceparent(parent) : undefined;
  if (parent && !traceparent) debug('TRACEPARENT is not a W3C traceparent and was ignored');
  if (!id) return traceparent;
  // Of a bare id nobody says that it is random.
  const own = isTraceId(id)
    ? { traceId: id, spanId: undefined, flags: SAMPLED }
    : parseTraceparent(id);
  if (!own) {
    debug('VANTIO_TRACE_ID is neither 32 lower-case hex digits nor a traceparent and was ignored');
    return traceparent;
  }
  return traceparent?.traceId === own.traceId ? traceparent : own;
}
