import type { Span } from '../../context/span.ts';
import { core } from '../core.ts';
import { exportCall, twinOf } from './export-spans.ts';
import { activeContext, spanContextIn } from './otel-api.ts';

/** Joins traces with OpenTelemetry's. @returns what ends it */
export function bridgeOtel(options: { readonly export?: boolean } = {}): () => void {
  const { adoptFrom, carrier, makePeersBy, onRecord } = core();
  const adopted = (own: Span | undefined): Span | undefined => {
    if (own !== undefined) return undefined;
    const active = spanContextIn(activeContext());
    if (!active) return undefined;
    const { traceId: id, spanId: remoteSpan, traceFlags: flags } = active;
    return carrier({ id, origin: 'inherited', remoteSpan, flags });
  };
  const end = adoptFrom(adopted);
  if (options?.export === true) {
    makePeersBy(twinOf);
    onRecord(exportCall);
  }
  return () => {
    end();
    makePeersBy(undefined);
    onRecord(undefined);
  };
}
