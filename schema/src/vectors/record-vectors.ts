import { type CanonicalValue, canonicalize } from '../canonical.ts';
import { recordKey, recordMac } from '../hash.ts';
import type { SealedRecord } from '../session.ts';
import { sessionIdOf } from '../session-id.ts';
import { rejectDisclosures } from './disclosure-vectors.ts';
import { oneOfEachType } from './one-of-each-type.ts';
import { API_KEY, sampleSession } from './sample-session.ts';

export type AcceptRecord = {
  readonly name: string;
  readonly canonical: string;
  readonly record_hash: string;
  readonly record_mac: string;
};
export type RejectEnvelope = {
  readonly name: string;
  /** The line, as text; or as bytes when it is not UTF-8. */
  readonly envelope?: string;
  readonly envelope_hex?: string;
  readonly code: string;
  readonly field: string;
};

const sealed = sampleSession({ root: true });
const [start, request, , call, head, loss] = sealed as [
  SealedRecord,
  SealedRecord,
  SealedRecord,
  SealedRecord,
  SealedRecord,
  SealedRecord,
  SealedRecord,
];

export const acceptRecords = (): AcceptRecord[] =>
  [...sealed, ...oneOfEachType()].map(({ record, canonical, hash, mac }) => ({
    name: record.event_type,
    canonical,
    record_hash: hash,
    record_mac: mac,
  }));

const WEAK_KEY = `01${'0'.repeat(62)}`;
const WEAK_ID = sessionIdOf(WEAK_KEY);
const weakEventId = `${start.record.event_id.slice(0, 24)}${WEAK_ID.slice(0, 12)}`;

type Patch = Readonly<Record<string, unknown>>;

/** An envelope around a changed record with a MAC that holds, so that only the record itself can be refused. */
function changed(base: SealedRecord, patch: Patch): string {
  const record = canonicalLoose({ ...base.record, ...patch });
  return wrap(record);
}

const wrap = (record: string): string =>
  `{"record":${record},"record_mac":"${recordMac(recordKey(API_KEY), record)}"}`;

/** Canonical order for values that have no canonical form: what a careless emitter would send. */
function canonicalLoose(value: Patch): string {
  const members = Object.keys(value)
    .sort()
    .filter((name) => value[name] !== undefined)
    .map((name) => `${JSON.stringify(name)}:${looseValue(value[name])}`);
  return `{${members.join(',')}}`;
}

const looseValue = (value: unknown): string => {
  if (typeof value === 'object' && value !== null && 'raw' in value) return String(value.raw);
  return typeof value === 'object' && value !== null
    ? canonicalize(value as CanonicalValue)
    : JSON.stringify(value);
};

/** A value of the right type outside each field's alphabet, bound or form; one case for each field of the samples. */
const FOREIGN: Readonly<Record<string, unknown>> = {
  v: 2,
  tenant_id: 'Acme',
  key_id: '0123456789abcdeF',
  event_id: '0189c8f0-0000-4000-8000-000000000000',
  session_id: 'abc',
  seq: -1,
  prev: 'ff',
  occurred_at: '2026-01-02T03:04:05Z',
  source: 'sdk_ruby',
  event_type: 'prompt',
  action_taken: 'observed',
  evidence: 'certain',
  trace_origin: 'guessed',
  trace_id: '4BF92F3577B34DA6A3CE929D0E0E4736',
  span_id: '00f067aa0ba902b',
  target_host: 'API.openai.com',
  target_port: 65_536,
  host_source: 'guess',
  client: 'Fetch!',
  http_method: 'POKE',
  status_class: 6,
  bytes_sent: -5,
  duration_us: '12',
  outcome: 'fine',
  process_name: 'line\nbreak',
};

const refuse = (name: string, envelope: string, code: string, field: string): RejectEnvelope => ({
  name,
  envelope,
  code,
  field,
});

export function rejectEnvelopes(): RejectEnvelope[] {
  return [
    ...fieldCases(),
    ...missingCases(),
    ...ruleCases(),
    ...formCases(),
    ...rejectDisclosures().map((vector) => refuse(...vector)),
  ];
}

const fieldCases = (): RejectEnvelope[] =>
  Object.entries(FOREIGN).map(([field, value]) =>
    refuse(`${field} outside its form`, changed(request, { [field]: value }), 'bad_value', field),
  );

const missingCases = (): RejectEnvelope[] =>
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

const ruleCases = (): RejectEnvelope[] => [
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

const formCases = (): RejectEnvelope[] => {
  const { canonical, mac } = request;
  const edit = (from: string, to: string): string => wrap(canonical.replace(from, to));
  const reversed = `{${canonical.slice(1, -1).split(',').reverse().join(',')}}`;
  return [
    refuse('keys in another order', wrap(reversed), 'rule', 'trace_origin'),
    refuse(
      'a duplicate key',
      edit('"pid"', '"pid"').replace(
        '"evidence":"observed",',
        '"evidence":"observed","evidence":"observed",',
      ),
      'not_canonical',
      'envelope',
    ),
    refuse('a space between members', edit(',"seq"', ', "seq"'), 'not_canonical', 'envelope'),
    refuse(
      'a number with a fraction',
      edit('"bytes_sent":1234', '"bytes_sent":1234.0'),
      'not_canonical',
      'envelope',
    ),
    refuse(
      'a number with an exponent',
      edit('"bytes_sent":1234', '"bytes_sent":1234e0'),
      'not_canonical',
      'envelope',
    ),
    refuse('a half', edit('"bytes_sent":1234', '"bytes_sent":0.5'), 'bad_value', 'bytes_sent'),
    refuse('minus zero', edit('"bytes_sent":1234', '"bytes_sent":-0'), 'bad_value', 'bytes_sent'),
    refuse(
      'an integer beyond 2^53 - 1',
      edit('"bytes_sent":1234', '"bytes_sent":9007199254740992'),
      'bad_value',
      'bytes_sent',
    ),
    refuse(
      'a number as text',
      edit('"bytes_sent":1234', '"bytes_sent":"1234"'),
      'bad_value',
      'bytes_sent',
    ),
    refuse(
      'a leading zero',
      edit('"bytes_sent":1234', '"bytes_sent":01234'),
      'not_json',
      'envelope',
    ),
    refuse('NaN', edit('"bytes_sent":1234', '"bytes_sent":NaN'), 'not_json', 'envelope'),
    refuse(
      'an escaped letter',
      edit('"client":"fetch"', '"client":"\\u0066etch"'),
      'not_canonical',
      'envelope',
    ),
    refuse(
      'an escaped solidus',
      wrap(start.canonical.replace('node/24', 'node\\/24')),
      'not_canonical',
      'envelope',
    ),
    refuse(
      'a lone surrogate',
      edit('"client":"fetch"', '"client":"\\ud800"'),
      'bad_value',
      'client',
    ),
    refuse('an array for a record', wrap('[]'), 'not_an_object', 'record'),
    refuse('a record that is a string', wrap('"record"'), 'not_an_object', 'record'),
    refuse('no record', `{"record_mac":"${mac}"}`, 'not_an_object', 'record'),
    refuse('no MAC', `{"record":${canonical}}`, 'missing_field', 'record_mac'),
    refuse(
      'a MAC in capitals',
      `{"record":${canonical},"record_mac":"${mac.toUpperCase()}"}`,
      'bad_value',
      'record_mac',
    ),
    refuse(
      'members of the envelope in another order',
      `{"record_mac":"${mac}","record":${canonical}}`,
      'not_canonical',
      'envelope',
    ),
    refuse(
      'a member more',
      `{"note":"x","record":${canonical},"record_mac":"${mac}"}`,
      'unknown_field',
      'note',
    ),
    refuse('cut short', request.envelope.slice(0, -1), 'not_json', 'envelope'),
    refuse('nothing', '', 'not_json', 'envelope'),
    refuse('two on one line', `${request.envelope}${request.envelope}`, 'not_json', 'envelope'),
    {
      name: 'bytes that are not UTF-8',
      envelope_hex: Buffer.from(request.envelope.replace('fetch', 'fet~h'), 'latin1')
        .toString('hex')
        .replace('7e', 'ff'),
      code: 'not_utf8',
      field: 'envelope',
    },
  ];
};
