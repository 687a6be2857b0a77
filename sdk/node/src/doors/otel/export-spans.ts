import type { Peer, Span, Trace } from '../../context/span.ts';
import { errorCode } from '../../record/error-code.ts';
import type { Entry } from '../../record/observation.ts';
import { core } from '../core.ts';
import { callOf } from './calls.ts';
import {
  activeContext,
  CLIENT,
  ERROR,
  INTERNAL,
  type OtelContext,
  type OtelSpan,
  otelApi,
  type SpanContext,
  spanContextIn,
  type Tracer,
  valid,
  withSpan,
} from './otel-api.ts';

declare const __VERSION__: string;

/** The last release of OpenTelemetry's conventions that has those for generative AI. */
const SCHEMA = { schemaUrl: 'https://opentelemetry.io/schemas/1.41.0' };
const SAMPLED = 1;

const tracer = (): Tracer | undefined =>
  otelApi()?.trace?.getTracer('@vantio/agent-sdk', __VERSION__, SCHEMA);

/** Contexts in which the twins of shields are active: calls made in them are their children. */
const contexts = new WeakMap<Span, OtelContext>();

/**
 * The twin of a shield. Its ids are those that OpenTelemetry gave it, and the shield takes them over: both tell of one span of
 * one trace. Undefined when nobody there would see it.
 */
export function twinOf(span: Span): Peer | undefined {
  const { name } = span;
  const around = contextAround(span);
  const before = spanContextIn(around);
  const twin = tracer()?.startSpan(
    name === undefined ? 'invoke_agent' : `invoke_agent ${name}`,
    {
      kind: INTERNAL,
      attributes: {
        'gen_ai.operation.name': 'invoke_agent',
        ...(name === undefined ? {} : { 'gen_ai.agent.name': name }),
      },
    },
    around,
  );
  const own = valid(twin?.spanContext());
  // Without a provider the API hands out the parent again.
  if (!twin || !own || own.spanId === before?.spanId) return undefined;
  takeOver(span, own);
  const within = withSpan(around, twin);
  contexts.set(span, within);
  return { run: runIn(within), end: () => endTwin(twin, span) };
}

function takeOver(span: Span, { traceId, spanId, traceFlags }: SpanContext): void {
  const { trace } = span;
  if (trace.id === undefined) Object.assign(trace, { id: traceId, flags: traceFlags });
  if (trace.id === traceId) span.id = spanId;
}

/** Where OpenTelemetry knows of the trace already, its active span is the parent; else it is told of one in another process. */
function contextAround({ trace, parent }: Span): OtelContext {
  const active = activeContext();
  // A shield that was given a parent need not run where that is active.
  const known = parent && contexts.get(parent);
  if (known && core().currentSpan() !== parent) return known;
  const traceId = trace.id;
  if (traceId === undefined || spanContextIn(active)?.traceId === traceId) return active;
  return known ?? remote(active, trace, parent?.id ?? trace.remoteSpan ?? SOME_SPAN);
}

/** Of a trace whose id alone is known. */
const SOME_SPAN = 'ffffffffffffffff';

const remote = (context: OtelContext, { id, flags }: Trace, spanId: string): OtelContext =>
  withSpan(context, {
    spanContext: () => ({
      traceId: id ?? '',
      spanId,
      traceFlags: flags ?? SAMPLED,
      isRemote: true,
    }),
  });

function runIn(context: OtelContext): Peer['run'] {
  return (fn) => {
    let began = false;
    const body = (): ReturnType<typeof fn> => {
      began = true;
      return fn();
    };
    try {
      const manager = otelApi()?.context;
      return manager ? manager.with(context, body) : body();
    } catch (error) {
      // The host's own error passes; a fault of the other library must not cost the call.
      if (began) throw error;
      return fn();
    }
  };
}

function endTwin(twin: OtelSpan, { state, error }: Span): void {
  if (state === 2) {
    twin.setStatus(ERROR);
    twin.setAttributes({ 'error.type': errorCode(error) ?? '_OTHER' });
  }
  twin.end();
}

/** A call is told of when it is over: its span is made then, with the times that it had. */
export function exportCall(entry: Entry): void {
  const call = callOf(entry);
  if (!call) return;
  const { span, at } = entry as { readonly span: Span | undefined; readonly at: number };
  const startTime = performance.timeOrigin + at;
  const { name, attributes, isRemote, failed, durationMs } = call;
  const options = { kind: isRemote ? CLIENT : INTERNAL, attributes, startTime };
  const made = tracer()?.startSpan(name, options, contextOfCall(span));
  if (failed) made?.setStatus(ERROR);
  made?.end(startTime + durationMs);
}

function contextOfCall(span: Span | undefined): OtelContext {
  const active = activeContext();
  if (span === undefined) return active;
  const { trace, id } = span;
  const known = contexts.get(span);
  return known ?? (trace.id && id ? remote(active, trace, id) : active);
}
