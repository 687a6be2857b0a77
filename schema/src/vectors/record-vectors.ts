import { acceptFields } from './accept-fields.ts';
import { changed } from './changed-record.ts';
import { rejectDisclosures } from './disclosure-vectors.ts';
import { formCases } from './form-rejects.ts';
import { oneOfEachType } from './one-of-each-type.ts';
import { type RejectEnvelope, refuse } from './reject-envelope.ts';
import { rejectFields } from './reject-fields.ts';
import { missingCases, ruleCases } from './rule-rejects.ts';
import { request, sealed } from './sample-records.ts';

export type AcceptRecord = {
  readonly name: string;
  readonly canonical: string;
  readonly record_hash: string;
  readonly record_mac: string;
};

export const acceptRecords = (): AcceptRecord[] =>
  [...sealed, ...oneOfEachType(), ...acceptFields()].map(({ record, canonical, hash, mac }) => ({
    name: record.event_type,
    canonical,
    record_hash: hash,
    record_mac: mac,
  }));

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

export const rejectEnvelopes = (): RejectEnvelope[] => [
  ...fieldCases(),
  ...missingCases(),
  ...ruleCases(),
  ...formCases(),
  ...rejectDisclosures().map((vector) => refuse(...vector)),
  ...rejectFields(),
];

const fieldCases = (): RejectEnvelope[] =>
  Object.entries(FOREIGN).map(([field, value]) =>
    refuse(`${field} outside its form`, changed(request, { [field]: value }), 'bad_value', field),
  );
