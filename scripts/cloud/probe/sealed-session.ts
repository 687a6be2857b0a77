import { generateKeyPairSync, randomBytes } from 'node:crypto';
import {
  commitment,
  createSession,
  type Disclosure,
  type RecordDraft,
  readApiKey,
  recordKey,
  type SealedRecord,
} from '@vantio/schema';

/** A session of the throw-away tenant, as an SDK seals it. */
export type SealedSession = {
  readonly tenantId: string;
  readonly traceId: string;
  readonly records: readonly SealedRecord[];
};

const EMITTER = { emitter: 'probe-live', emitter_version: '1' } as const;
const HOST = 'probe.invalid';

/**
 * A few records of different kinds, so that most of the compliance queries have something to say. One of them has a disclosure;
 * none of it is about anybody.
 */
export function sealSession(apiKey: string): SealedSession {
  const { tenantId, keyId } = readApiKey(apiKey);
  const session = createSession({
    tenantId,
    keyId,
    source: 'sdk_node',
    recordKey: recordKey(apiKey),
    sessionKey: generateKeyPairSync('ed25519').privateKey,
  });
  const traceId = randomBytes(16).toString('hex');
  const path: Disclosure = {
    field: 'file_path',
    salt: randomBytes(32).toString('hex'),
    value: '/probe/live',
  };
  const trace = { trace_id: traceId, trace_origin: 'exact' } as const;
  const request = { ...trace, client: 'fetch', target_host: HOST, target_port: 443 } as const;
  const call = { ...trace, provider: 'openai', model: 'probe', target_host: HOST } as const;
  const drafts: readonly (readonly [Said, ...Disclosure[]])[] = [
    [{ event_type: 'session_start', session_public_key: session.publicKey, ...EMITTER }],
    [{ event_type: 'coverage', capability: 'fetch', coverage: 'live' }],
    [{ event_type: 'http_request', ...request, action_taken: 'OBSERVED', bytes_sent: 1 }],
    [{ event_type: 'http_request', ...request, ...BLOCKED, bytes_severed: 1 }],
    [{ event_type: 'llm_call', ...call, action_taken: 'UNSCANNED', reason_code: 'probe' }],
    [{ event_type: 'llm_call', ...call, ...REDACTED, cost_microusd: 1 }],
    [{ event_type: 'anomaly', ...trace, ...ANOMALY }],
    [{ event_type: 'loss', lost_events: 1, loss_reason: 'queue_full' }],
    [{ event_type: 'file_open', ...trace, ...OPENED, file_path_commit: commitment(path) }, path],
    [{ event_type: 'session_end', end_reason: 'exit' }],
  ];
  let micros = Date.now() * 1000;
  const records = drafts.map(([said, ...disclosures]) =>
    session.seal({ ...COMMON, ...said } as RecordDraft, micros++, disclosures),
  );
  return { tenantId, traceId, records };
}

type Said = Partial<RecordDraft> & Pick<RecordDraft, 'event_type'>;

const COMMON = {
  action_taken: 'RECORDED',
  evidence: 'observed',
  trace_origin: 'none',
} as const;
const BLOCKED = {
  action_taken: 'BLOCKED_HOST',
  evidence: 'denied_before_effect',
  rule_id: 'probe.1',
} as const;
const REDACTED = {
  action_taken: 'REDACTED',
  redactions: { email: 1 },
  redaction_action: 'mask',
} as const;
const ANOMALY = {
  action_taken: 'FLAGGED_ANOMALY',
  anomaly_code: 'probe',
  severity: 'low',
} as const;
const OPENED = { action_taken: 'OBSERVED' } as const;
