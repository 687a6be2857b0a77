/**
 * The parts of @opentelemetry/api that are used here. The package keeps what a program has registered under one global symbol
 * for the whole of its version 1, so it is found without being imported.
 */
export type OtelContext = {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): OtelContext;
  deleteValue(key: symbol): OtelContext;
};
export type SpanContext = {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
  readonly isRemote?: boolean;
};
export type OtelSpan = {
  spanContext(): SpanContext;
  setAttributes(attributes: Attributes): unknown;
  setStatus(status: { readonly code: number }): unknown;
  end(at?: number): void;
};
export type Attributes = Record<string, string | number | boolean>;
export type Tracer = {
  startSpan(
    name: string,
    options: { kind: number; attributes: Attributes; startTime?: number },
    context: OtelContext,
  ): OtelSpan;
};
export type OtelApi = {
  readonly context?: {
    active(): OtelContext;
    with<R>(context: OtelContext, fn: () => R): R;
  };
  readonly trace?: {
    getTracer(name: string, version: string, options: { schemaUrl: string }): Tracer;
  };
};

export const INTERNAL = 0;
export const CLIENT = 2;
export const ERROR = { code: 2 } as const;

/** What the program has registered by now; undefined: nothing. */
export const otelApi = (): OtelApi | undefined =>
  (globalThis as Record<symbol, unknown>)[Symbol.for('opentelemetry.js.api.1')] as
    | OtelApi
    | undefined;

/** Made by createContextKey, which takes it from the registry of symbols so that several copies of the package agree. */
const SPAN_KEY = Symbol.for('OpenTelemetry Context Key SPAN');

export const activeContext = (): OtelContext =>
  otelApi()?.context?.active() ?? contextOf(new Map());

export const spanContextIn = (context: OtelContext): SpanContext | undefined =>
  valid((context.getValue(SPAN_KEY) as OtelSpan | undefined)?.spanContext());

export const withSpan = (context: OtelContext, span: Pick<OtelSpan, 'spanContext'>): OtelContext =>
  context.setValue(SPAN_KEY, span);

/** As the API has it when no context manager is registered. */
const contextOf = (values: ReadonlyMap<symbol, unknown>): OtelContext => ({
  getValue: (key) => values.get(key),
  setValue: (key, value) => contextOf(new Map(values).set(key, value)),
  deleteValue: (key) => contextOf(new Map([...values].filter(([other]) => other !== key))),
});

export const valid = (context: SpanContext | undefined): SpanContext | undefined =>
  context &&
  /^(?!0+$)[0-9a-f]{32}$/.test(context.traceId) &&
  /^(?!0+$)[0-9a-f]{16}$/.test(context.spanId)
    ? context
    : undefined;
