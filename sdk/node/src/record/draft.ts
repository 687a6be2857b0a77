import { commitment, type Disclosure, type RecordDraft } from '@vantio/schema/emitter';
import { writtenValue } from '@vantio/schema/written/committed-value';
import { randomHex } from '../context/ids.ts';
import { processTrace } from '../context/process-trace.ts';
import { parentSpanIdOf, type Span, spanIdOf, traceIdOf } from '../context/span.ts';
import { errorCode } from './error-code.ts';
import type { Detail, Entry, Observation } from './observation.ts';

export type Draft = {
  readonly draft: RecordDraft;
  /** When, in milliseconds of `now()`. */
  readonly at: number;
  readonly disclosures: readonly Disclosure[];
};

const NOTHING: readonly Disclosure[] = [];

/** The record of an entry, before its session gives it a place. */
export const draftOf = (entry: Entry, facts: Detail): Draft =>
  entry.type === 'shield' ? shieldEnd(entry, facts) : observed(entry, facts);

export function shieldStart(span: Span, facts: Detail): Draft {
  const { detail, disclosures } = nameOf(span);
  return {
    at: span.at,
    disclosures,
    draft: {
      event_type: 'shield_start',
      action_taken: 'OBSERVED',
      evidence: 'observed',
      ...ownTrace(span),
      ...facts,
      ...detail,
    },
  };
}

function shieldEnd(span: Span, facts: Detail): Draft {
  const { detail, disclosures } = nameOf(span);
  const code = span.state === 2 ? errorCode(span.error) : undefined;
  return {
    at: span.endedAt,
    disclosures,
    draft: {
      event_type: 'shield_end',
      action_taken: 'OBSERVED',
      evidence: 'observed',
      ...ownTrace(span),
      ...facts,
      ...detail,
      duration_us: Math.max(0, Math.round((span.endedAt - span.at) * 1000)),
      outcome: span.state === 2 ? 'error' : 'ok',
      ...(code === undefined ? {} : { error_code: code }),
    },
  };
}

function observed(observation: Observation, facts: Detail): Draft {
  const { type, at, span, detail, path } = observation;
  const action = observation.action ?? (type === 'anomaly' ? 'FLAGGED_ANOMALY' : 'OBSERVED');
  const program = committed('exec_path', path);
  return {
    at,
    disclosures: program.disclosures,
    draft: {
      event_type: type,
      action_taken: action,
      evidence: action.startsWith('BLOCKED_') ? 'denied_before_effect' : 'observed',
      ...traceAround(span),
      ...facts,
      ...(typeof detail === 'function' ? detail() : detail),
      ...program.detail,
    },
  };
}

type TraceFields = Pick<RecordDraft, 'trace_id' | 'trace_origin' | 'span_id' | 'parent_span_id'>;

function ownTrace(span: Span): TraceFields {
  const parent = parentSpanIdOf(span);
  return {
    trace_id: traceIdOf(span),
    trace_origin: span.trace.origin,
    span_id: spanIdOf(span),
    ...(parent === undefined ? {} : { parent_span_id: parent }),
  };
}

/** An event's span_id is that of the shield it happened in; outside any, only the process's trace is known. */
export function traceAround(span: Span | undefined): TraceFields {
  if (span !== undefined)
    return {
      trace_id: traceIdOf(span),
      trace_origin: span.trace.origin,
      ...(span.id === undefined && span.at === -1 ? {} : { span_id: spanIdOf(span) }),
    };
  return processTrace?.id === undefined
    ? { trace_origin: 'none' }
    : { trace_id: processTrace.id, trace_origin: 'process_level' };
}

const nameOf = ({ name }: Span): Committed => committed('agent_name', name);

type Committed = { readonly detail: Detail; readonly disclosures: readonly Disclosure[] };

/** A text that the record holds only as a salted hash; the text itself goes beside it. */
function committed(field: 'agent_name' | 'exec_path', text: string | undefined): Committed {
  const written = text === undefined ? undefined : writtenValue(text);
  if (written === undefined) return { detail: {}, disclosures: NOTHING };
  const { text: value, ...cut } = written;
  const disclosure = { field, salt: randomHex(64), value };
  const detail = { [`${field}_commit` as const]: commitment(disclosure), ...cut };
  return { detail, disclosures: [disclosure] };
}
