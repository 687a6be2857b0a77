import type { Span } from '../../context/span.ts';
import { core } from '../core.ts';
import { exportCall, twinOf } from './export-spans.ts';
import { activeContext, spanContextIn } from './otel-api.ts';

let former: (() => void) | undefined;

/** Joins traces with OpenTelemetry's, in the place of what was asked of it before. @returns what ends it */
export function bridgeOtel(options: { readonly export?: boolean } = {}): () => void {
  const { adoptFrom, carrier, makePeersBy, onRecord } = core();
  const adopted = (own: Span | undefined): Span | undefined => {
    if (own !== undefined) return undefined;
    const active = spanContextIn(activeContext());
    if (!active) return undefined;
    const { traceId: id, spanId: remoteSpan, traceFlags: flags } = active;
    return carrier({ id, origin: 'inherited', remoteSpan, flags });
  };
  former?.();
  const stop = adoptFrom(adopted);
  if (options?.export === true) {
    makePeersBy(twinOf);
    onRecord(exportCall);
  }
  const end = (): void => {
    if (former !== end) return;
    former = undefined;
    stop();
    makePeersBy(undefined);
    onRecord(undefined);
  };
  former = end;
  return end;
}
