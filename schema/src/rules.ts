import { isCalendarDay } from './calendar.ts';
import { CONTROL_TYPES } from './event-types.ts';
import type { AuditRecord } from './record.ts';
import { sessionIdOf } from './session-id.ts';
import { SHAPE_BY_TYPE } from './shapes.ts';
import { isWeakKey } from './weak-keys.ts';
import { ZERO_HASH } from './zero-hash.ts';

export type Fault = { readonly code: FaultCode; readonly field: string; readonly message: string };
export type FaultCode =
  | 'not_an_object'
  | 'unknown_field'
  | 'missing_field'
  | 'bad_value'
  | 'not_for_this_type'
  | 'rule';

const ZERO_TRACE = '0'.repeat(32);
const ZERO_SPAN = '0'.repeat(16);
const NO_SUCH_DAY = 'names a day that does not exist';

const fault = (field: string, message: string, code: FaultCode = 'rule'): Fault => ({
  code,
  field,
  message,
});

/**
 * The rules that join fields of one record (record.md, "Rules"). Expects a record whose fields each fit their alphabet.
 */
export const ruleFault = (record: AuditRecord): Fault | undefined =>
  typeFault(record) ?? crossFault(record);

/** The same for a record whose members are known to be those of its type. */
export const crossFault = (record: AuditRecord): Fault | undefined =>
  sourceFault(record) ??
  traceFault(record) ??
  chainFault(record) ??
  intervalFault(record) ??
  verdictFault(record) ??
  lossFault(record);

function typeFault(record: AuditRecord): Fault | undefined {
  const shape = SHAPE_BY_TYPE.get(record.event_type);
  if (!shape) return fault('event_type', 'is not a known event type', 'bad_value');
  for (const name in record)
    if (!shape.allowed.has(name))
      return fault(name, `has no place in a ${record.event_type} record`, 'not_for_this_type');
  for (const name of shape.required)
    if ((record as Record<string, unknown>)[name] === undefined)
      return fault(name, `is required in a ${record.event_type} record`, 'missing_field');
  if (!shape.actions.has(record.action_taken))
    return fault(
      'action_taken',
      `cannot be ${record.action_taken} in a ${record.event_type} record`,
    );
  return undefined;
}

function sourceFault({ event_type, source }: AuditRecord): Fault | undefined {
  if (!CONTROL_TYPES.has(event_type) || source === 'control_plane' || source === 'cli')
    return undefined;
  return fault('source', `cannot be ${source} in a ${event_type} record`);
}

function traceFault({
  trace_origin,
  trace_id,
  span_id,
  parent_span_id,
}: AuditRecord): Fault | undefined {
  const untraced = trace_origin === 'none' || trace_origin === 'unread';
  if (untraced !== (trace_id === undefined))
    return fault(
      'trace_id',
      `must be ${untraced ? 'absent' : 'present'} when trace_origin is ${trace_origin}`,
    );
  if (trace_id === ZERO_TRACE) return fault('trace_id', 'must not be all zeros');
  if (span_id !== undefined && trace_id === undefined) return fault('span_id', 'needs a trace_id');
  if (span_id === ZERO_SPAN) return fault('span_id', 'must not be all zeros');
  if (parent_span_id !== undefined && span_id === undefined)
    return fault('parent_span_id', 'needs a span_id');
  if (parent_span_id === ZERO_SPAN) return fault('parent_span_id', 'must not be all zeros');
  return undefined;
}

function chainFault(record: AuditRecord): Fault | undefined {
  const first = record.seq === 0;
  if (first !== (record.event_type === 'session_start'))
    return fault('seq', 'must be 0 in a session_start record and in no other');
  if (first !== (record.prev === ZERO_HASH))
    return fault('prev', 'must be 64 zeros at seq 0 and nowhere else');
  if (record.event_id.slice(24) !== record.session_id.slice(0, 12))
    return fault('event_id', 'must end in the first 12 digits of session_id');
  if (
    record.session_public_key !== undefined &&
    sessionIdOf(record.session_public_key) !== record.session_id
  )
    return fault('session_id', 'must be the first 16 bytes of SHA-256 of session_public_key');
  if (record.session_public_key !== undefined && isWeakKey(record.session_public_key))
    return fault('session_public_key', 'is a key of small order, under which anyone can sign');
  if (record.session_root_key !== undefined && isWeakKey(record.session_root_key))
    return fault('session_root_key', 'is a key of small order, under which anyone can sign');
  if (record.session_sig !== undefined && record.count !== undefined)
    return fault('count', 'has no place in a signed record', 'not_for_this_type');
  if ((record.session_root_key === undefined) !== (record.session_root_sig === undefined))
    return fault('session_root_sig', 'and session_root_key stand together or not at all');
  return undefined;
}

function intervalFault({
  occurred_at,
  first_at,
  last_at,
  expires_at,
  price_date,
}: AuditRecord): Fault | undefined {
  if (!isCalendarDay(occurred_at)) return fault('occurred_at', NO_SUCH_DAY);
  if (first_at !== undefined && !isCalendarDay(first_at)) return fault('first_at', NO_SUCH_DAY);
  if (last_at !== undefined && !isCalendarDay(last_at)) return fault('last_at', NO_SUCH_DAY);
  if (expires_at !== undefined && !isCalendarDay(expires_at))
    return fault('expires_at', NO_SUCH_DAY);
  if (price_date !== undefined && !isCalendarDay(price_date))
    return fault('price_date', NO_SUCH_DAY);
  if ((first_at === undefined) !== (last_at === undefined))
    return fault('last_at', 'and first_at stand together or not at all');
  if (first_at !== undefined && last_at !== undefined && first_at > last_at)
    return fault('last_at', 'must not be before first_at');
  return undefined;
}

function verdictFault({ action_taken, evidence, redactions }: AuditRecord): Fault | undefined {
  if (action_taken.startsWith('BLOCKED_') !== (evidence === 'denied_before_effect'))
    return fault('evidence', 'is denied_before_effect for a BLOCKED_ action and for no other');
  if (redactions !== undefined) for (const _ in redactions) return undefined;
  return redactions === undefined
    ? undefined
    : fault('redactions', 'must count at least one entity');
}

function lossFault({ lost_event_type }: AuditRecord): Fault | undefined {
  return lost_event_type === undefined || SHAPE_BY_TYPE.has(lost_event_type)
    ? undefined
    : fault('lost_event_type', 'is not a known event type');
}
