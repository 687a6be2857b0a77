import { sessionIdOf } from '../session-id.ts';
import { changed } from './changed-record.ts';
import { type RejectEnvelope, refuse } from './reject-envelope.ts';
import { call, head, loss, request, start } from './sample-records.ts';

const WEAK_KEY = `01${'0'.repeat(62)}`;
const WEAK_ID = sessionIdOf(WEAK_KEY);
const weakEventId = `${start.record.event_id.slice(0, 24)}${WEAK_ID.slice(0, 12)}`;

export const missingCases = (): RejectEnvelope[] =>
  [
    'v',
    'tenant_id',
    'key_id',
    'event_id',
    'session_id',
    'seq',
    'prev',
    'occurred_at',
    'source',
    'event_type',
    'action_taken',
    'evidence',
    'trace_origin',
  ].map((field) =>
    refuse(`${field} missing`, changed(request, { [field]: undefined }), 'missing_field', field),
  );

export const ruleCases = (): RejectEnvelope[] => [
  refuse('a field nobody knows', changed(request, { prompt: 'x' }), 'unknown_field', 'prompt'),
  refuse(
    'a header value',
    changed(request, { authorization: 'x' }),
    'unknown_field',
    'authorization',
  ),
  refuse('null for absent', changed(request, { target_ip: null }), 'bad_value', 'target_ip'),
  refuse(
    'a field of another type',
    changed(request, { cut_bytes: 1 }),
    'not_for_this_type',
    'cut_bytes',
  ),
  refuse(
    'a detail its type requires is missing',
    changed(request, { client: undefined }),
    'missing_field',
    'client',
  ),
  refuse(
    'an action its type cannot take',
    changed(request, { action_taken: 'ERASED' }),
    'rule',
    'action_taken',
  ),
  refuse(
    'blocked, yet only observed',
    changed(request, { action_taken: 'BLOCKED_HOST' }),
    'rule',
    'evidence',
  ),
  refuse(
    'denied, yet not blocked',
    changed(request, { evidence: 'denied_before_effect' }),
    'rule',
    'evidence',
  ),
  refuse(
    'a record of the control plane, from an SDK',
    changed(loss, {
      event_type: 'recovery',
      lost_events: undefined,
      loss_reason: undefined,
      cut_bytes: 1,
      cut_offset: 0,
    }),
    'rule',
    'source',
  ),
  refuse(
    'a trace with origin none',
    changed(request, { trace_origin: 'none' }),
    'rule',
    'trace_id',
  ),
  refuse(
    'no trace with origin exact',
    changed(request, { trace_id: undefined, span_id: undefined }),
    'rule',
    'trace_id',
  ),
  refuse('trace id all zeros', changed(request, { trace_id: '0'.repeat(32) }), 'rule', 'trace_id'),
  refuse('span id all zeros', changed(request, { span_id: '0'.repeat(16) }), 'rule', 'span_id'),
  refuse('a span without a trace', changed(loss, { span_id: '1'.repeat(16) }), 'rule', 'span_id'),
  refuse(
    'a parent without a span',
    changed(request, { span_id: undefined, parent_span_id: '1'.repeat(16) }),
    'rule',
    'parent_span_id',
  ),
  refuse(
    'parent span id all zeros',
    changed(request, { parent_span_id: '0'.repeat(16) }),
    'rule',
    'parent_span_id',
  ),
  refuse('seq 0 in another type', changed(request, { seq: 0 }), 'rule', 'seq'),
  refuse('session_start after seq 0', changed(start, { seq: 1 }), 'rule', 'seq'),
  refuse('zero prev after seq 0', changed(request, { prev: '0'.repeat(64) }), 'rule', 'prev'),
  refuse('prev at seq 0', changed(start, { prev: '1'.repeat(64) }), 'rule', 'prev'),
  refuse(
    'event id of another session',
    changed(request, { event_id: `${request.record.event_id.slice(0, 24)}ffffffffffff` }),
    'rule',
    'event_id',
  ),
  refuse(
    'session id of another key',
    changed(start, { session_public_key: '1'.repeat(64) }),
    'rule',
    'session_id',
  ),
  refuse(
    'a root key without its signature',
    changed(start, { session_root_sig: undefined }),
    'rule',
    'session_root_sig',
  ),
  refuse(
    'a day that does not exist',
    changed(request, { occurred_at: '2026-02-29T00:00:00.000000Z' }),
    'rule',
    'occurred_at',
  ),
  refuse(
    'a leap second',
    changed(request, { occurred_at: '2026-06-30T23:59:60.000000Z' }),
    'bad_value',
    'occurred_at',
  ),
  refuse(
    'an interval without an end',
    changed(request, { first_at: '2026-01-01T00:00:00.000000Z' }),
    'rule',
    'last_at',
  ),
  refuse(
    'an interval that runs backwards',
    changed(request, {
      first_at: '2026-01-02T00:00:00.000000Z',
      last_at: '2026-01-01T00:00:00.000000Z',
    }),
    'rule',
    'last_at',
  ),
  refuse(
    'redactions of nothing',
    changed(call, { redactions: { raw: '{}' } }),
    'rule',
    'redactions',
  ),
  refuse(
    'a redaction counted zero',
    changed(call, { redactions: { raw: '{"email":0}' } }),
    'bad_value',
    'redactions',
  ),
  refuse(
    'a redaction of an unknown entity',
    changed(call, { redactions: { raw: '{"shoe_size":1}' } }),
    'bad_value',
    'redactions',
  ),
  refuse(
    'redactions out of order',
    changed(call, { redactions: { raw: '{"iban":1,"email":2}' } }),
    'bad_value',
    'redactions',
  ),
  refuse(
    'a head without its signature',
    changed(head, { session_sig: undefined }),
    'missing_field',
    'session_sig',
  ),
  refuse(
    'a session key of small order',
    changed(start, { session_public_key: WEAK_KEY, session_id: WEAK_ID, event_id: weakEventId }),
    'rule',
    'session_public_key',
  ),
  refuse(
    'a root key of small order',
    changed(start, { session_root_key: WEAK_KEY }),
    'rule',
    'session_root_key',
  ),
  refuse(
    'a head that stands for several',
    changed(head, { count: 2 }),
    'not_for_this_type',
    'count',
  ),
  refuse(
    'a loss of an unknown type',
    changed(loss, { lost_event_type: 'thoughts' }),
    'rule',
    'lost_event_type',
  ),
  refuse(
    'a price from a day that does not exist',
    changed(call, { price_date: '2100-02-29' }),
    'rule',
    'price_date',
  ),
  refuse(
    'an address that is none',
    changed(request, { target_ip: 'deadbeef.deadbeef' }),
    'bad_value',
    'target_ip',
  ),
  refuse(
    'the first of the coalesced on no day',
    changed(request, {
      first_at: '2026-04-31T00:00:00.000000Z',
      last_at: '2026-05-01T00:00:00.000000Z',
    }),
    'rule',
    'first_at',
  ),
  refuse(
    'the last of the coalesced on no day',
    changed(request, {
      first_at: '2026-01-01T00:00:00.000000Z',
      last_at: '1900-02-29T00:00:00.000000Z',
    }),
    'rule',
    'last_at',
  ),
  refuse('v as true', changed(request, { v: true }), 'bad_value', 'v'),
  refuse('v as text', changed(request, { v: '1' }), 'bad_value', 'v'),
  refuse('seq as true', changed(request, { seq: true }), 'bad_value', 'seq'),
  refuse(
    'a version of HTTP as a number',
    changed(request, { http_version: 2 }),
    'bad_value',
    'http_version',
  ),
  refuse(
    'a newline at the end',
    changed(request, { target_host: 'api.openai.com\n' }),
    'bad_value',
    'target_host',
  ),
  refuse(
    'a tenant of 64 characters',
    changed(request, { tenant_id: 'a'.repeat(64) }),
    'bad_value',
    'tenant_id',
  ),
  refuse('truncated: false', changed(request, { truncated: false }), 'bad_value', 'truncated'),
];
