import { readApiKey } from '../api-key.ts';
import { commitment, type Disclosure } from '../commitment.ts';
import { formatLedgerLine } from '../format-ledger-line.ts';
import { receivedKey, recordKey } from '../hash.ts';
import { instantFromMicros } from '../instant.ts';
import { createSession, type RecordDraft, type SealedRecord } from '../session.ts';
import { certifySession, rawPublicKey } from '../session-signature.ts';
import { ZERO_HASH } from '../zero-hash.ts';
import { fixedApiKey, fixedBytes, fixedKey } from './fixed-keys.ts';

/** 2026-01-02T03:04:05.000000Z */
export const EPOCH = 1_767_323_045_000_000;
export const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
export const API_KEY = fixedApiKey('acme', 'acme key');
export const OTHER_KEY = fixedApiKey('globex', 'globex key');
export const ROOT = fixedKey('session root');
export const ROOT_KEY = rawPublicKey(ROOT);

const SEEN = { action_taken: 'OBSERVED', evidence: 'observed' } as const;
const RECORDED = { action_taken: 'RECORDED', evidence: 'observed', trace_origin: 'none' } as const;

export const agentName: Disclosure = {
  field: 'agent_name',
  salt: fixedBytes('agent name salt'),
  value: 'research – Zürich',
};

export type SampleOptions = {
  readonly apiKey?: string;
  readonly label?: string;
  readonly root?: boolean;
  readonly ended?: boolean;
};

/** One session as an SDK would write it: a start, a shield with a request in it, a head and an end. */
export function sampleSession({
  apiKey = API_KEY,
  label = 'session',
  root = false,
  ended = true,
}: SampleOptions = {}) {
  const { tenantId, keyId } = readApiKey(apiKey);
  const session = createSession({
    tenantId,
    keyId,
    source: 'sdk_node',
    recordKey: recordKey(apiKey),
    sessionKey: fixedKey(label),
  });
  const certificate = root
    ? {
        session_root_key: ROOT_KEY,
        session_root_sig: certifySession(ROOT, tenantId, session.publicKey),
      }
    : {};
  const drafts: [draft: RecordDraft, disclosures?: readonly Disclosure[]][] = [
    [
      {
        ...RECORDED,
        event_type: 'session_start',
        session_public_key: session.publicKey,
        emitter: 'vantio-agent-sdk-node',
        emitter_version: '0.1.0',
        runtime: 'node/24.21.0',
        pid: 4242,
        ...certificate,
      },
    ],
    [
      {
        ...SEEN,
        event_type: 'http_request',
        trace_origin: 'exact',
        trace_id: TRACE,
        span_id: '00f067aa0ba902b7',
        target_host: 'api.openai.com',
        target_port: 443,
        host_source: 'request',
        client: 'fetch',
        http_method: 'POST',
        status_class: 2,
        bytes_sent: 1234,
        duration_us: 45_678,
        outcome: 'ok',
        process_name: 'node "x" \\x5c',
      },
    ],
    [
      {
        ...SEEN,
        event_type: 'shield_end',
        trace_origin: 'exact',
        trace_id: TRACE,
        span_id: '00f067aa0ba902b7',
        duration_us: 50_000,
        outcome: 'ok',
        agent_name_commit: commitment(agentName),
      },
      [agentName],
    ],
    [
      {
        action_taken: 'REDACTED',
        evidence: 'observed',
        event_type: 'llm_call',
        trace_origin: 'exact',
        trace_id: TRACE,
        provider: 'openai',
        model: 'gpt-5.2-mini',
        redactions: { email: 2, iban: 1 },
        input_tokens: 10,
        output_tokens: 9_007_199_254_740_991,
      },
    ],
    [{ ...RECORDED, event_type: 'session_head' }],
    [{ ...RECORDED, event_type: 'loss', lost_events: 3, loss_reason: 'queue_full' }],
  ];
  if (ended) drafts.push([{ ...RECORDED, event_type: 'session_end', end_reason: 'exit' }]);
  return drafts.map(([draft, disclosures], at) =>
    session.seal(draft, EPOCH + at * 1000, disclosures),
  );
}

/** Ledger lines of one writer, in the order given. */
export function ledgerLines(
  records: readonly { readonly sealed: SealedRecord; readonly apiKey: string }[],
): string[] {
  let previous = ZERO_HASH;
  return records.map(({ sealed, apiKey }, at) => {
    const { text, receivedMac } = formatLedgerLine({
      canonical: sealed.canonical,
      recordMac: sealed.mac,
      receivedAt: instantFromMicros(EPOCH + 1_000_000 + at),
      key: receivedKey(apiKey),
      previous,
    });
    previous = receivedMac;
    return text;
  });
}
