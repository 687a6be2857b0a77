import type { Action } from './actions.ts';
import type { FieldName } from './detail-fields.ts';

type EventShape = {
  readonly says: string;
  readonly actions: readonly Action[];
  readonly required: readonly FieldName[];
  readonly optional: readonly FieldName[];
};

const TARGET = ['target_host', 'target_port', 'target_ip', 'host_source', 'protocol'] as const;
const VIA = [
  'client',
  'proxy_host',
  'proxy_port',
  'local_port',
  'reused',
  'hook',
  'tls_library',
] as const;
const FLOW = [
  'bytes_sent',
  'bytes_received',
  'bytes_severed',
  'duration_us',
  'outcome',
  'error_code',
  'first_byte_us',
] as const;
const HTTP = ['http_method', 'http_version', 'status_class', 'streamed'] as const;
const VERDICT = [
  'rule_id',
  'redactions',
  'bytes_scanned',
  'unscanned_reason',
  'redaction_action',
  'reason_code',
] as const;
const TOKENS = [
  'input_tokens',
  'cached_input_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
] as const;
const SPEND = [
  'cost_microusd',
  'price_date',
  'reserved_microusd',
  'spend_window',
  'spend_scope',
  'spend_limit_microusd',
  'spend_used_microusd',
] as const;
const EXEC = [
  'exec_call',
  'exec_path_commit',
  'interpreter_path_commit',
  'argc',
  'child_pid',
  'child_process_start',
  'exec_sha256',
] as const;
const ENDED = ['exit_code', 'signal', 'duration_us'] as const;

const SEEN: readonly Action[] = ['OBSERVED'];
const RECORDED: readonly Action[] = ['RECORDED'];
const HOST_VERDICTS: readonly Action[] = [
  'OBSERVED',
  'ALLOWED',
  'UNSCANNED',
  'REDACTED',
  'BLOCKED_HOST',
  'BLOCKED_EGRESS',
  'BLOCKED_MODEL',
  'BLOCKED_SPEND',
  'BLOCKED_UNAVAILABLE',
  'BLOCKED_UNSCANNED',
  'WOULD_REDACT',
  'WOULD_BLOCK_HOST',
  'WOULD_BLOCK_EGRESS',
  'WOULD_BLOCK_MODEL',
  'WOULD_BLOCK_SPEND',
  'WOULD_BLOCK_UNAVAILABLE',
  'WOULD_BLOCK_UNSCANNED',
  'FLAGGED_SPEND',
];
const SOCKET_VERDICTS: readonly Action[] = [
  'OBSERVED',
  'ALLOWED',
  'BLOCKED_HOST',
  'BLOCKED_EGRESS',
  'BLOCKED_UNAVAILABLE',
  'WOULD_BLOCK_HOST',
  'WOULD_BLOCK_EGRESS',
  'WOULD_BLOCK_UNAVAILABLE',
];

const shape = (
  says: string,
  actions: readonly Action[],
  required: readonly FieldName[],
  optional: readonly FieldName[] = [],
): EventShape => ({ says, actions, required, optional });

/** The one table of what may be recorded, by whom it was decided here before anything emits it. */
export const EVENT_TYPES = {
  session_start: shape(
    'An emitter process (or worker thread) began.',
    RECORDED,
    ['session_public_key', 'session_sig', 'emitter', 'emitter_version'],
    [
      'session_root_key',
      'session_root_sig',
      'parent_session_id',
      'runtime',
      'os',
      'arch',
      'kernel_release',
      'boot_id',
    ],
  ),
  session_head: shape('The session key vouches for everything up to here.', RECORDED, [
    'session_sig',
  ]),
  session_end: shape(
    'The session ended cleanly; nothing follows.',
    RECORDED,
    ['session_sig', 'end_reason'],
    ['signal', 'exit_code'],
  ),
  loss: shape(
    'Events were lost and this many were counted.',
    RECORDED,
    ['lost_events', 'loss_reason'],
    ['lost_event_type'],
  ),
  blind_interval: shape('Nothing was seen from first_at to last_at.', RECORDED, [
    'first_at',
    'last_at',
    'blind_reason',
  ]),
  coverage: shape(
    'What the emitter can observe of a capability.',
    RECORDED,
    ['capability', 'coverage'],
    ['runtime'],
  ),

  shield_start: shape(
    'A shield was entered and was still open at a flush.',
    SEEN,
    [],
    ['agent_name_commit'],
  ),
  shield_end: shape(
    'A shield was left.',
    SEEN,
    ['duration_us', 'outcome'],
    ['agent_name_commit', 'error_code'],
  ),
  anomaly: shape(
    'The program reported an anomaly.',
    ['FLAGGED_ANOMALY'],
    ['anomaly_code', 'severity'],
  ),

  http_request: shape(
    'An outbound HTTP request.',
    HOST_VERDICTS,
    ['target_host', 'target_port', 'client'],
    [...TARGET, ...VIA, ...FLOW, ...HTTP, ...VERDICT],
  ),
  net_connect: shape(
    'An outbound connection (TCP, Unix, QUIC).',
    SOCKET_VERDICTS,
    ['protocol'],
    [...TARGET, ...VIA, ...FLOW, 'rule_id'],
  ),
  net_close: shape('A connection ended.', SEEN, ['protocol'], [...TARGET, ...VIA, ...FLOW]),
  tls_connect: shape(
    'An outbound TLS session.',
    SOCKET_VERDICTS,
    [],
    [...TARGET, ...VIA, ...FLOW, 'rule_id'],
  ),
  tls_write: shape(
    'Plaintext bytes handed to a TLS library.',
    SEEN,
    ['bytes_sent'],
    [...TARGET, ...VIA],
  ),
  udp_send: shape(
    'Datagrams sent.',
    SOCKET_VERDICTS,
    ['protocol'],
    [...TARGET, ...VIA, ...FLOW, 'rule_id'],
  ),
  dns_query: shape(
    'A name was looked up.',
    SOCKET_VERDICTS,
    ['target_host'],
    [...TARGET, ...VIA, ...FLOW, 'rule_id'],
  ),
  egress_verdict: shape(
    'The kernel decided on packets.',
    SOCKET_VERDICTS,
    ['protocol', 'hook'],
    [...TARGET, ...VIA, ...FLOW, 'rule_id'],
  ),
  shadow_ai: shape(
    'A model endpoint was reached without a valid trace.',
    ['FLAGGED_SHADOW_AI'],
    ['provider'],
    [...TARGET, ...VIA, ...FLOW],
  ),

  llm_call: shape(
    'A model was called.',
    HOST_VERDICTS,
    ['provider'],
    ['model', ...TARGET, ...VIA, ...FLOW, ...HTTP, ...VERDICT, ...TOKENS, ...SPEND],
  ),
  spend_lease: shape(
    'A slice of a budget was handed to an emitter.',
    RECORDED,
    ['reserved_microusd', 'spend_window', 'spend_scope'],
    [...SPEND, 'subject_key_id', 'subject_session_id', 'expires_at'],
  ),
  tool_call: shape(
    'The agent called a tool.',
    [...SEEN, 'ALLOWED', 'BLOCKED_TOOL', 'WOULD_BLOCK_TOOL'],
    ['tool_name'],
    [...FLOW, 'rule_id'],
  ),
  mcp_tool_call: shape(
    'A tool was called over MCP.',
    [...SEEN, 'ALLOWED', 'BLOCKED_TOOL', 'WOULD_BLOCK_TOOL'],
    ['tool_name', 'mcp_transport'],
    ['mcp_server', ...TARGET, ...FLOW, 'rule_id'],
  ),

  process_fork: shape('A process was made.', SEEN, ['child_pid'], ['child_process_start']),
  process_exec: shape(
    'A program was started.',
    [...SEEN, 'ALLOWED', 'BLOCKED_EXEC', 'WOULD_BLOCK_EXEC'],
    [],
    [...EXEC, 'hook', 'rule_id', 'error_code', 'outcome', ...ENDED],
  ),
  process_exit: shape('A process ended.', SEEN, [], ENDED),
  file_open: shape(
    'A file was opened.',
    [...SEEN, 'ALLOWED', 'BLOCKED_FILE', 'WOULD_BLOCK_FILE'],
    ['file_path_commit'],
    ['open_access', 'open_call', 'hook', 'rule_id', 'error_code'],
  ),
  enrolment: shape('A cgroup or process came under the agent, or left it.', RECORDED, [
    'reason_code',
  ]),

  policy_state: shape(
    'What policy the emitter is under.',
    [
      'POLICY_APPLIED',
      'POLICY_REJECTED',
      'POLICY_STALE',
      'POLICY_TRANSPORT_ONLY',
      'POLICY_UNAVAILABLE',
    ],
    [],
    ['policy_sha256', 'signer_id', 'reason_code'],
  ),

  recovery: shape(
    'A torn last line was cut back after a crash.',
    RECORDED,
    ['cut_bytes', 'cut_offset'],
    ['segment'],
  ),
  rotation: shape('A ledger file was closed.', RECORDED, [
    'segment',
    'segment_bytes',
    'segment_records',
    'segment_sha256',
  ]),
  key_created: shape(
    'An API key was made.',
    RECORDED,
    ['subject_key_id', 'plan'],
    ['subject_tenant_id', 'expires_at', 'signer_id', 'member_id'],
  ),
  key_revoked: shape(
    'An API key was revoked.',
    RECORDED,
    ['subject_key_id'],
    ['subject_tenant_id', 'reason_code', 'member_id'],
  ),
  signer_rotated: shape(
    'A signing key handed over to the next.',
    RECORDED,
    ['signer_id', 'next_signer_id'],
    ['reason_code'],
  ),
  signer_revoked: shape(
    'A signing key is no longer honoured.',
    RECORDED,
    ['signer_id'],
    ['reason_code', 'member_id'],
  ),
  config_change: shape(
    'A setting of the control plane changed.',
    RECORDED,
    ['reason_code'],
    ['member_id', 'subject_tenant_id'],
  ),
  policy_change: shape(
    'A policy version was published.',
    RECORDED,
    ['policy_version', 'policy_sha256'],
    ['member_id', 'signer_id', 'reason_code', 'subject_tenant_id'],
  ),
  member_change: shape(
    'A member was added, changed or removed.',
    RECORDED,
    ['member_id', 'reason_code'],
    ['member_role', 'subject_tenant_id'],
  ),
  access: shape(
    'Somebody read the ledger.',
    RECORDED,
    ['access_kind'],
    ['member_id', 'records', 'subject_event_id', 'subject_tenant_id'],
  ),
  export: shape(
    'Records were exported.',
    RECORDED,
    ['export_format', 'records'],
    ['member_id', 'subject_tenant_id'],
  ),
  import: shape(
    'Records were imported.',
    RECORDED,
    ['records', 'import_origin'],
    ['member_id', 'tree_size', 'root_hash', 'subject_tenant_id'],
  ),
  erasure: shape(
    'A disclosure was erased.',
    ['ERASED'],
    ['subject_event_id', 'subject_field'],
    ['member_id', 'reason_code', 'subject_tenant_id'],
  ),
  conflict: shape(
    'Two records claim one place.',
    RECORDED,
    ['subject_event_id', 'subject_record_hash'],
    ['subject_session_id', 'subject_tenant_id'],
  ),
  quota_refused: shape(
    'A batch was refused for the monthly quota.',
    ['REFUSED_QUOTA'],
    ['subject_key_id'],
    ['subject_tenant_id', 'lost_events'],
  ),
  rate_refused: shape(
    'Requests were refused for the rate limit.',
    ['REFUSED_RATE'],
    ['subject_key_id'],
    ['subject_tenant_id'],
  ),
  dead_letter: shape(
    'A message could not be written to the ledger.',
    RECORDED,
    ['reason_code'],
    ['message_id', 'records', 'subject_tenant_id'],
  ),
  dead_letter_replay: shape(
    'A dead letter was sent to the writer again.',
    RECORDED,
    ['message_id'],
    ['records', 'member_id', 'subject_tenant_id'],
  ),
  witness_alarm: shape(
    'A witness raised an alarm.',
    RECORDED,
    ['witness', 'alarm'],
    ['tree_size', 'root_hash', 'subject_tenant_id'],
  ),
} as const satisfies Record<string, EventShape>;

export type EventType = keyof typeof EVENT_TYPES;
export const EVENT_TYPE_NAMES = Object.keys(EVENT_TYPES) as [EventType, ...EventType[]];

/** Types that pin a session's chain. They are never dropped and never counted against a quota. */
export const UNCOUNTED_TYPES: ReadonlySet<string> = new Set([
  'session_start',
  'session_head',
  'session_end',
  'loss',
]);

/** Types that only the control plane, or a person at the command line, may emit: an agent must not be able to forge them. */
export const CONTROL_TYPES: ReadonlySet<string> = new Set<EventType>([
  'spend_lease',
  'recovery',
  'rotation',
  'key_created',
  'key_revoked',
  'signer_rotated',
  'signer_revoked',
  'config_change',
  'policy_change',
  'member_change',
  'access',
  'export',
  'import',
  'erasure',
  'conflict',
  'quota_refused',
  'rate_refused',
  'dead_letter',
  'dead_letter_replay',
  'witness_alarm',
]);
