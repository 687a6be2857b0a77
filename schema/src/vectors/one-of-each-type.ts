import { readApiKey } from '../api-key.ts';
import { EVENT_TYPES, type EventType } from '../event-types.ts';
import { recordKey } from '../hash.ts';
import { createSession, type RecordDraft, type SealedRecord } from '../session.ts';
import { fieldValues } from './field-values.ts';
import { fixedApiKey, fixedKey } from './fixed-keys.ts';
import { API_KEY, EPOCH } from './sample-session.ts';

/** Values of fields that some type requires. */
const VALUES: Readonly<Record<string, unknown>> = {
  access_kind: 'export',
  alarm: 'fork',
  anomaly_code: 'loop.detected',
  blind_reason: 'restart',
  bytes_sent: 1,
  capability: 'fetch',
  child_pid: 7,
  client: 'fetch',
  coverage: 'live',
  cut_bytes: 1,
  cut_offset: 0,
  duration_us: 1,
  end_reason: 'exit',
  export_format: 'ndjson',
  file_path_commit: 'a'.repeat(64),
  first_at: '2000-02-29T23:59:59.999999Z',
  hook: 'cgroup_skb',
  import_origin: 'example.org/log',
  last_at: '2000-02-29T23:59:59.999999Z',
  loss_reason: 'ring_full',
  lost_events: 1,
  mcp_transport: 'stdio',
  member_id: 'b'.repeat(32),
  message_id: '1234567890',
  next_signer_id: '01234567',
  outcome: 'ok',
  plan: 'free',
  policy_sha256: 'c'.repeat(64),
  policy_version: 1,
  protocol: 'tcp',
  provider: 'openai',
  reason_code: 'by_owner',
  records: 0,
  reserved_microusd: 1_000_000,
  segment: 1,
  segment_bytes: 1,
  segment_records: 1,
  segment_sha256: 'd'.repeat(64),
  severity: 'high',
  signer_id: '89abcdef',
  spend_scope: 'key',
  spend_window: 'day',
  subject_event_id: '019b7ca9-8c88-7000-8000-a37fb2d7d23a',
  subject_field: 'file_path',
  subject_key_id: '0123456789abcdef',
  subject_record_hash: 'e'.repeat(64),
  target_host: 'example.org',
  target_port: 443,
  tool_name: 'search',
  witness: 'example.org/witness',
};

/** The least record of each type, but those of a session itself; of the control plane, so that it may hold any of them. */
export function oneOfEachType(): SealedRecord[] {
  const apiKey = fixedApiKey('vantio', 'control key', 'control');
  const { tenantId, keyId } = readApiKey(apiKey);
  const session = createSession({
    tenantId,
    keyId,
    source: 'control_plane',
    recordKey: recordKey(API_KEY),
    sessionKey: fixedKey('control session'),
  });
  const start: RecordDraft = {
    event_type: 'session_start',
    action_taken: 'RECORDED',
    evidence: 'observed',
    trace_origin: 'none',
    session_public_key: session.publicKey,
    emitter: 'vectors',
    emitter_version: '1',
  };
  const types = (Object.keys(EVENT_TYPES) as EventType[]).filter(
    (type) => !type.startsWith('session_'),
  );
  return [start, ...types.map(leastDraft)].map((draft, at) => session.seal(draft, EPOCH + at));
}

/** The members that a record of this type must hold, and no others. */
export function leastDraft(type: EventType): RecordDraft {
  const { actions, required } = EVENT_TYPES[type];
  const details = Object.fromEntries(
    required.map((name) => [name, VALUES[name] ?? fieldValues(name).least]),
  );
  return {
    event_type: type,
    action_taken: actions[0],
    evidence: 'observed',
    trace_origin: 'none',
    ...details,
  } as RecordDraft;
}
