import type { RecordDraft } from '@vantio/schema';

/** What benches record: calls of a model, each under a trace of its own. */
export function callDraft(at: number): RecordDraft {
  return {
    event_type: 'http_request',
    action_taken: 'OBSERVED',
    evidence: 'observed',
    trace_origin: 'exact',
    trace_id: (at + 1).toString(16).padStart(32, '0'),
    span_id: (at + 1).toString(16).padStart(16, '0'),
    target_host: 'api.openai.com',
    target_port: 443,
    host_source: 'request',
    client: 'fetch',
    http_method: 'POST',
    status_class: 2,
    bytes_sent: 1000 + (at % 5000),
    bytes_received: 20_000 + (at % 777),
    duration_us: 300_000 + (at % 100_000),
    outcome: 'ok',
    pid: 4242,
  } as RecordDraft;
}
