import { currentSpan } from './current-span.ts';
import { env as ownEnv } from './main-realm.ts';
import { processTrace } from './process-trace.ts';
import { EXEMPT, spanIdOf, traceIdOf } from './span.ts';
import { formatTraceparent } from './traceparent.ts';

const CARRIERS = new Set(['VANTIO_TRACE_ID', 'TRACEPARENT']);

export type ChildEnvironment = Record<string, string | undefined>;

/**
 * An environment for a child process that carries the current trace. VANTIO_TRACE_ID comes first, so that a kernel
 * agent that reads a bounded part of the environment finds it.
 */
export function childEnv(base: Readonly<ChildEnvironment> = ownEnv): ChildEnvironment {
  const carried = carriers();
  if (!carried) return { ...base };
  const rest: ChildEnvironment = {};
  for (const name of Object.keys(base)) if (!CARRIERS.has(name)) rest[name] = base[name];
  return { ...carried, ...rest };
}

function carriers(): ChildEnvironment | undefined {
  const span = currentSpan();
  if (span !== undefined && span !== EXEMPT) {
    const traceId = traceIdOf(span);
    return {
      VANTIO_TRACE_ID: traceId,
      TRACEPARENT: formatTraceparent(traceId, spanIdOf(span), span.trace.flags),
    };
  }
  if (processTrace?.id === undefined) return undefined;
  const { id, remoteSpan, flags } = processTrace;
  return remoteSpan === undefined
    ? { VANTIO_TRACE_ID: id }
    : { VANTIO_TRACE_ID: id, TRACEPARENT: formatTraceparent(id, remoteSpan, flags) };
}
