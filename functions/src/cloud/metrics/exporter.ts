import { randomUUID } from 'node:crypto';
import type { Meter } from '@opentelemetry/api';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import { withDeadline } from '../deadline.ts';
import { log } from '../log.ts';
import { authorizationOf } from './authorization.ts';
import { type Definition, METRICS } from './definitions.ts';
import { type Sink, setSink } from './measure.ts';

export type Exporter = {
  /** Sends what was measured, if the last time was long enough ago. Returns at once and never throws. */
  readonly sendIfDue: () => void;
  /** Sends all of it, for the last time. Never throws. */
  readonly close: () => Promise<void>;
};

const PERIOD_MILLIS = 60_000;
/** There is no timer: between requests an instance has no processor. This one's period is as good as never. */
const NEVER_MILLIS = 2 ** 31 - 1;
const EXPORT_MILLIS = 5000;
/** The last time there is less: an instance that ends has other things to close. */
const LAST_MILLIS = 1500;

/** Whether the environment names a collector (https://opentelemetry.io/docs/specs/otel/protocol/exporter/). */
export const isExporting = (): boolean =>
  (process.env.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT ?? '') !== '' ||
  (process.env.OTEL_EXPORTER_OTLP_ENDPOINT ?? '') !== '';

/**
 * OTLP over HTTP, as JSON, where the standard OTEL_EXPORTER_OTLP_* variables say. OpenTelemetry is loaded here and nowhere
 * else, so that an instance without a collector does not pay for it at its start.
 *
 * Sums are cumulative: what a failed export did not deliver is in the next one.
 */
export async function openExporter(now: () => number = Date.now): Promise<Exporter> {
  const [sdk, { resourceFromAttributes }, { OTLPMetricExporter }] = await Promise.all([
    import('@opentelemetry/sdk-metrics'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/exporter-metrics-otlp-http'),
  ]);
  const headers = await authorizationOf();
  const reader = new sdk.PeriodicExportingMetricReader({
    exporter: loud(
      new OTLPMetricExporter({
        temporalityPreference: sdk.AggregationTemporality.CUMULATIVE,
        ...(headers === undefined ? {} : { headers }),
      }),
    ),
    exportIntervalMillis: NEVER_MILLIS,
    exportTimeoutMillis: EXPORT_MILLIS,
  });
  const provider = new sdk.MeterProvider({
    resource: resourceFromAttributes(resource()),
    readers: [reader],
  });
  setSink(sinkInto(provider.getMeter('vantio')));

  let sentAt = now();
  let sending: Promise<void> | undefined;
  const send = (): Promise<void> => {
    sentAt = now();
    sending ??= provider
      .forceFlush()
      .catch(() => {})
      .finally(() => {
        sending = undefined;
      });
    return sending;
  };
  return {
    sendIfDue: () => {
      if (now() - sentAt >= PERIOD_MILLIS) void send();
    },
    close: async () => {
      try {
        await withDeadline(LAST_MILLIS, async () => {
          // What is on its way was collected before the last request ended.
          await sending;
          setSink(undefined);
          await provider.shutdown();
        });
      } catch (error) {
        log('WARNING', 'metrics_late', { error: error instanceof Error ? error.name : 'unknown' });
      }
    },
  };
}

/** Each instance is a series of its own, or cumulative sums of several would be taken for one that jumps. */
const resource = (): Readonly<Record<string, string>> => {
  const { K_SERVICE, K_REVISION, GOOGLE_CLOUD_PROJECT } = process.env;
  return {
    'service.namespace': 'vantio',
    'service.name': K_SERVICE ?? 'vantio',
    'service.instance.id': randomUUID(),
    ...(K_REVISION === undefined ? {} : { 'service.version': K_REVISION }),
    ...(GOOGLE_CLOUD_PROJECT === undefined ? {} : { 'gcp.project_id': GOOGLE_CLOUD_PROJECT }),
  };
};

function sinkInto(meter: Meter): Sink {
  const instruments = new Map<string, Instrument>();
  for (const [name, definition] of Object.entries<Definition>(METRICS)) {
    const { kind, unit, description, buckets = [] } = definition;
    const options = { unit, description };
    if (kind === 'counter') {
      const counter = meter.createCounter(name, options);
      instruments.set(name, (value, labels) => counter.add(value, labels));
    } else if (kind === 'gauge') {
      const gauge = meter.createGauge(name, options);
      instruments.set(name, (value, labels) => gauge.record(value, labels));
    } else {
      const advice = { explicitBucketBoundaries: [...buckets] };
      const histogram = meter.createHistogram(name, { ...options, advice });
      instruments.set(name, (value, labels) => histogram.record(value, labels));
    }
  }
  return (name, value, labels) => instruments.get(name)?.(value, labels);
}

type Instrument = (value: number, labels: Readonly<Record<string, string>>) => void;

/** The SDK is silent when a collector does not answer. */
function loud(exporter: PushMetricExporter): PushMetricExporter {
  const inner = exporter.export.bind(exporter);
  exporter.export = (metrics, done) =>
    inner(metrics, (result) => {
      if (result.error !== undefined) {
        const { name, code } = result.error as Error & { readonly code?: unknown };
        log('WARNING', 'metrics_late', {
          error: name,
          ...(typeof code === 'number' ? { code } : {}),
        });
      }
      done(result);
    });
  return exporter;
}
