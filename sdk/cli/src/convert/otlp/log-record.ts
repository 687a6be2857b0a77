import { EVENT_TYPES } from '@vantio/schema/event-types';
import type { SoundLine } from '../../import/read-sound-lines.ts';
import { microsOf } from '../micros-of.ts';
import { attributesOf } from './attributes.ts';
import { nanosOf } from './otlp-value.ts';

/** OpenTelemetry's severity numbers; what nobody called severe has none. */
const SEVERITIES = { info: 9, low: 10, medium: 13, high: 17, critical: 21 } as const;

/** A record as a LogRecord of the event `vantio.EVENT_TYPE`. */
export function logRecord(line: SoundLine): object {
  const { record, receivedAt } = line.parsed;
  const { severity, trace_id, span_id } = record;
  return {
    timeUnixNano: nanosOf(microsOf(record.occurred_at)),
    observedTimeUnixNano: nanosOf(microsOf(receivedAt)),
    ...(severity === undefined
      ? {}
      : { severityNumber: SEVERITIES[severity], severityText: severity }),
    eventName: `vantio.${record.event_type}`,
    body: { stringValue: EVENT_TYPES[record.event_type].says },
    attributes: attributesOf(line),
    ...(trace_id === undefined ? {} : { traceId: trace_id }),
    ...(span_id === undefined ? {} : { spanId: span_id }),
  };
}
