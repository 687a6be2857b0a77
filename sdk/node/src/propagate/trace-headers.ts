import { currentSpan } from '../context/current-span.ts';
import { mintSpanId } from '../context/ids.ts';
import { processTrace } from '../context/process-trace.ts';
import { EXEMPT, spanIdOf, traceIdOf } from '../context/span.ts';
import { formatTraceparent } from '../context/traceparent.ts';

/** Stands for the process in its trace, where no shield does. */
let processSpan: string | undefined;

/** The W3C `traceparent` of the current code; undefined outside any trace. */
export function currentTraceparent(): string | undefined {
  const span = currentSpan();
  if (span === EXEMPT) return undefined;
  if (span !== undefined)
    return formatTraceparent(traceIdOf(span), spanIdOf(span), span.trace.flags);
  if (processTrace?.id === undefined) return undefined;
  processSpan ??= processTrace.remoteSpan ?? mintSpanId();
  return formatTraceparent(processTrace.id, processSpan, processTrace.flags);
}

/** Headers for a request that is to carry the current trace, whatever host it goes to; none outside any trace. */
export function traceHeaders(): { traceparent?: string } {
  const traceparent = currentTraceparent();
  return traceparent === undefined ? {} : { traceparent };
}
