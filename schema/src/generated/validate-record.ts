// Made from the zod schemas by `npm run generate -w schema`; do not edit.
import { boundedName } from '../bounded-name.ts';
import type { Fault } from '../rules.ts';

const P0 = /^[0-9a-f]{64}$/;
const P1 = /^[a-z0-9][a-z0-9_.-]{0,63}$/;
const P2 = /^[a-z0-9_.-]{1,32}$/;
const P3 = /^[0-9a-f]{32}$/;
const P4 = /^[A-Za-z0-9._:/@+-]{1,64}$/;
const P5 = /^[0-9a-f]{16}$/;
const P6 = /^[a-z0-9_.-]{1,64}$/;
const P7 = /^[A-Z][A-Z0-9_]{0,63}$/;
const P8 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
export const INSTANT = /^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z$/;
const P10 = /^[A-Za-z0-9._:/@+-]{1,128}$/;
const P11 = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const P12 = /^[0-9a-f]{8}$/;
const P13 = /^[a-z0-9_.-]{1,253}$/;
const P14 = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const P15 = /^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$/;
const P16 = /^[ -~]{1,64}$/;
const P17 = /^[a-z0-9._:%-]{1,253}$/;
const P18 = /^[A-Za-z0-9._:-]{1,64}$/;
const P19 = /^[0-9a-f]{128}$/;
const P20 = /^SIG[A-Z0-9+]{1,12}$/;
const P21 = /^[a-z0-9][a-z0-9_-]{0,62}$/;
const P22 = /^(((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])|[0-9a-f]{0,4}(:[0-9a-f]{0,4}){2,7})$/;
const REQUIRED = ["action_taken","event_id","event_type","evidence","key_id","occurred_at","prev","seq","session_id","source","tenant_id","trace_origin","v"];
const ENTITIES: ReadonlySet<string> = new Set(["anthropic_key","api_key","aws_key","azure_key","custom","date_of_birth","de_tax_id","email","es_dni","es_nie","eu_national_id","fr_nir","gcp_key","github_token","iban","ipv4","ipv6","it_codice_fiscale","jwt","mac_address","nl_bsn","openai_key","passport","payment_card","phone","pl_pesel","private_key","slack_token","street_address","stripe_key","uk_nino","url_credentials","us_itin","us_ssn"]);

const int = (value: unknown, min: number, max: number): boolean =>
  Number.isInteger(value) && (value as number) >= min && (value as number) <= max && !Object.is(value, -0);
const text = (value: unknown, pattern: RegExp): boolean => typeof value === 'string' && pattern.test(value);

function counts(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  let last = '';
  for (const name in value) {
    if (name <= last || !ENTITIES.has(name) || !int((value as Record<string, unknown>)[name], 1, 9007199254740991)) return false;
    last = name;
  }
  return true;
}

/** undefined: no such field. */
function fits(name: string, value: unknown): boolean | undefined {
  switch (name) {
    case 'access_kind':
      return value === 'console' || value === 'disclosure' || value === 'export' || value === 'proof' || value === 'query';
    case 'action_taken':
      return value === 'OBSERVED' || value === 'ALLOWED' || value === 'UNSCANNED' || value === 'FLAGGED_ANOMALY' || value === 'FLAGGED_SHADOW_AI' || value === 'FLAGGED_SPEND' || value === 'REDACTED' || value === 'BLOCKED_EGRESS' || value === 'BLOCKED_EXEC' || value === 'BLOCKED_FILE' || value === 'BLOCKED_HOST' || value === 'BLOCKED_MODEL' || value === 'BLOCKED_SPEND' || value === 'BLOCKED_TOOL' || value === 'BLOCKED_UNAVAILABLE' || value === 'BLOCKED_UNSCANNED' || value === 'WOULD_REDACT' || value === 'WOULD_BLOCK_EGRESS' || value === 'WOULD_BLOCK_EXEC' || value === 'WOULD_BLOCK_FILE' || value === 'WOULD_BLOCK_HOST' || value === 'WOULD_BLOCK_MODEL' || value === 'WOULD_BLOCK_SPEND' || value === 'WOULD_BLOCK_TOOL' || value === 'WOULD_BLOCK_UNAVAILABLE' || value === 'WOULD_BLOCK_UNSCANNED' || value === 'POLICY_APPLIED' || value === 'POLICY_REJECTED' || value === 'POLICY_STALE' || value === 'POLICY_TRANSPORT_ONLY' || value === 'POLICY_UNAVAILABLE' || value === 'RECORDED' || value === 'REFUSED_QUOTA' || value === 'REFUSED_RATE' || value === 'ERASED';
    case 'agent_name_commit':
      return text(value, P0);
    case 'alarm':
      return value === 'fork' || value === 'rollback' || value === 'silence' || value === 'promise_broken';
    case 'anomaly_code':
      return text(value, P1);
    case 'arch':
      return text(value, P2);
    case 'argc':
      return int(value, 0, 4294967295);
    case 'blind_reason':
      return value === 'attach_failed' || value === 'killed' || value === 'restart' || value === 'suspended' || value === 'upgrade';
    case 'boot_id':
      return text(value, P3);
    case 'bytes_received':
      return int(value, 0, 9007199254740991);
    case 'bytes_scanned':
      return int(value, 0, 9007199254740991);
    case 'bytes_sent':
      return int(value, 0, 9007199254740991);
    case 'bytes_severed':
      return int(value, 0, 9007199254740991);
    case 'cache_write_tokens':
      return int(value, 0, 9007199254740991);
    case 'cached_input_tokens':
      return int(value, 0, 9007199254740991);
    case 'capability':
      return text(value, P4);
    case 'cgroup_id':
      return text(value, P5);
    case 'child_pid':
      return int(value, 0, 4194304);
    case 'child_process_start':
      return int(value, 0, 9007199254740991);
    case 'client':
      return text(value, P2);
    case 'container_id':
      return text(value, P0);
    case 'cost_microusd':
      return int(value, 0, 9007199254740991);
    case 'count':
      return int(value, 1, 9007199254740991);
    case 'coverage':
      return value === 'bytes_seen' || value === 'connection_only' || value === 'live' || value === 'not_observable' || value === 'unmeasured';
    case 'cut_bytes':
      return int(value, 1, 9007199254740991);
    case 'cut_offset':
      return int(value, 0, 9007199254740991);
    case 'duration_us':
      return int(value, 0, 9007199254740991);
    case 'emitter':
      return text(value, P6);
    case 'emitter_version':
      return text(value, P4);
    case 'end_reason':
      return value === 'exit' || value === 'shutdown' || value === 'signal' || value === 'rotation';
    case 'error_code':
      return text(value, P7);
    case 'event_id':
      return text(value, P8);
    case 'event_type':
      return value === 'session_start' || value === 'session_head' || value === 'session_end' || value === 'loss' || value === 'blind_interval' || value === 'coverage' || value === 'shield_start' || value === 'shield_end' || value === 'anomaly' || value === 'http_request' || value === 'net_connect' || value === 'net_close' || value === 'tls_connect' || value === 'tls_write' || value === 'udp_send' || value === 'dns_query' || value === 'egress_verdict' || value === 'shadow_ai' || value === 'llm_call' || value === 'spend_lease' || value === 'tool_call' || value === 'mcp_tool_call' || value === 'process_fork' || value === 'process_exec' || value === 'process_exit' || value === 'file_open' || value === 'enrolment' || value === 'policy_state' || value === 'recovery' || value === 'rotation' || value === 'key_created' || value === 'key_revoked' || value === 'signer_rotated' || value === 'signer_revoked' || value === 'config_change' || value === 'policy_change' || value === 'member_change' || value === 'access' || value === 'export' || value === 'import' || value === 'erasure' || value === 'conflict' || value === 'quota_refused' || value === 'rate_refused' || value === 'dead_letter' || value === 'dead_letter_replay' || value === 'witness_alarm';
    case 'evidence':
      return value === 'denied_before_effect' || value === 'observed' || value === 'inferred';
    case 'exec_call':
      return value === 'execve' || value === 'execveat' || value === 'fexecve' || value === 'posix_spawn' || value === 'spawn' || value === 'fork' || value === 'exec' || value === 'unknown';
    case 'exec_path_commit':
      return text(value, P0);
    case 'exec_sha256':
      return text(value, P0);
    case 'exit_code':
      return int(value, 0, 255);
    case 'expires_at':
      return text(value, INSTANT);
    case 'export_format':
      return text(value, P2);
    case 'file_path_commit':
      return text(value, P0);
    case 'first_at':
      return text(value, INSTANT);
    case 'first_byte_us':
      return int(value, 0, 9007199254740991);
    case 'gid':
      return int(value, 0, 4294967295);
    case 'hook':
      return value === 'sdk' || value === 'cgroup_skb' || value === 'tc' || value === 'connect' || value === 'lsm';
    case 'host_pid':
      return int(value, 0, 4194304);
    case 'host_source':
      return value === 'sni' || value === 'dns' || value === 'request' || value === 'none';
    case 'http_method':
      return value === 'GET' || value === 'HEAD' || value === 'POST' || value === 'PUT' || value === 'PATCH' || value === 'DELETE' || value === 'OPTIONS' || value === 'CONNECT' || value === 'TRACE' || value === 'OTHER';
    case 'http_version':
      return value === '2' || value === '3' || value === '1.0' || value === '1.1';
    case 'image_digest':
      return text(value, P0);
    case 'import_origin':
      return text(value, P10);
    case 'input_tokens':
      return int(value, 0, 9007199254740991);
    case 'interpreter_path_commit':
      return text(value, P0);
    case 'k8s_namespace':
      return text(value, P11);
    case 'kernel_release':
      return text(value, P10);
    case 'key_id':
      return text(value, P5);
    case 'last_at':
      return text(value, INSTANT);
    case 'local_port':
      return int(value, 0, 65535);
    case 'loss_reason':
      return value === 'crash' || value === 'decode_error' || value === 'quota' || value === 'queue_full' || value === 'rate_budget' || value === 'refused' || value === 'ring_full' || value === 'spool_full' || value === 'spool_unwritable';
    case 'lost_event_type':
      return text(value, P6);
    case 'lost_events':
      return int(value, 1, 9007199254740991);
    case 'mcp_server':
      return text(value, P10);
    case 'mcp_transport':
      return value === 'stdio' || value === 'http' || value === 'sse';
    case 'member_id':
      return text(value, P3);
    case 'member_role':
      return text(value, P2);
    case 'message_id':
      return text(value, P10);
    case 'model':
      return text(value, P10);
    case 'next_signer_id':
      return text(value, P12);
    case 'node':
      return text(value, P13);
    case 'occurred_at':
      return text(value, INSTANT);
    case 'open_access':
      return value === 'read' || value === 'write' || value === 'read_write' || value === 'path';
    case 'open_call':
      return value === 'open' || value === 'openat' || value === 'openat2' || value === 'creat' || value === 'io_uring' || value === 'unknown';
    case 'os':
      return text(value, P2);
    case 'outcome':
      return value === 'ok' || value === 'error' || value === 'aborted' || value === 'timeout' || value === 'open' || value === 'unknown';
    case 'output_tokens':
      return int(value, 0, 9007199254740991);
    case 'parent_session_id':
      return text(value, P3);
    case 'parent_span_id':
      return text(value, P5);
    case 'pid':
      return int(value, 0, 4194304);
    case 'pid_ns':
      return int(value, 0, 4294967295);
    case 'plan':
      return value === 'free' || value === 'paid' || value === 'agent' || value === 'local' || value === 'control';
    case 'pod_uid':
      return text(value, P14);
    case 'policy_sha256':
      return text(value, P0);
    case 'policy_version':
      return int(value, 1, 9007199254740991);
    case 'ppid':
      return int(value, 0, 4194304);
    case 'prev':
      return text(value, P0);
    case 'price_date':
      return text(value, P15);
    case 'process_name':
      return text(value, P16);
    case 'process_start':
      return int(value, 0, 9007199254740991);
    case 'protocol':
      return value === 'tcp' || value === 'udp' || value === 'quic' || value === 'icmp' || value === 'icmpv6' || value === 'sctp' || value === 'unix' || value === 'other';
    case 'provider':
      return text(value, P6);
    case 'proxy_host':
      return text(value, P17);
    case 'proxy_port':
      return int(value, 0, 65535);
    case 'reason_code':
      return text(value, P6);
    case 'reasoning_tokens':
      return int(value, 0, 9007199254740991);
    case 'records':
      return int(value, 0, 9007199254740991);
    case 'redaction_action':
      return value === 'mask' || value === 'hash' || value === 'token';
    case 'redactions':
      return counts(value);
    case 'reserved_microusd':
      return int(value, 0, 9007199254740991);
    case 'reused':
      return value === true;
    case 'root_hash':
      return text(value, P0);
    case 'rule_id':
      return text(value, P18);
    case 'runtime':
      return text(value, P4);
    case 'segment':
      return int(value, 0, 9007199254740991);
    case 'segment_bytes':
      return int(value, 0, 9007199254740991);
    case 'segment_records':
      return int(value, 0, 9007199254740991);
    case 'segment_sha256':
      return text(value, P0);
    case 'seq':
      return int(value, 0, 9007199254740991);
    case 'session_id':
      return text(value, P3);
    case 'session_public_key':
      return text(value, P0);
    case 'session_root_key':
      return text(value, P0);
    case 'session_root_sig':
      return text(value, P19);
    case 'session_sig':
      return text(value, P19);
    case 'severity':
      return value === 'info' || value === 'low' || value === 'medium' || value === 'high' || value === 'critical';
    case 'signal':
      return text(value, P20);
    case 'signer_id':
      return text(value, P12);
    case 'source':
      return value === 'sdk_node' || value === 'sdk_python' || value === 'kernel_agent' || value === 'control_plane' || value === 'cli';
    case 'span_id':
      return text(value, P5);
    case 'spend_limit_microusd':
      return int(value, 0, 9007199254740991);
    case 'spend_scope':
      return value === 'key' || value === 'agent' || value === 'model';
    case 'spend_used_microusd':
      return int(value, 0, 9007199254740991);
    case 'spend_window':
      return value === 'trace' || value === 'hour' || value === 'day' || value === 'month';
    case 'status_class':
      return int(value, 1, 5);
    case 'streamed':
      return value === true;
    case 'subject_event_id':
      return text(value, P8);
    case 'subject_field':
      return value === 'agent_name' || value === 'exec_path' || value === 'file_path' || value === 'interpreter_path';
    case 'subject_key_id':
      return text(value, P5);
    case 'subject_record_hash':
      return text(value, P0);
    case 'subject_session_id':
      return text(value, P3);
    case 'subject_tenant_id':
      return text(value, P21);
    case 'target_host':
      return text(value, P17);
    case 'target_ip':
      return text(value, P22);
    case 'target_port':
      return int(value, 0, 65535);
    case 'tenant_id':
      return text(value, P21);
    case 'thread_id':
      return int(value, 0, 4194304);
    case 'tls_library':
      return text(value, P2);
    case 'tool_name':
      return text(value, P10);
    case 'trace_id':
      return text(value, P3);
    case 'trace_origin':
      return value === 'exact' || value === 'inherited' || value === 'process_level' || value === 'connection' || value === 'cgroup_default' || value === 'claimed' || value === 'unread' || value === 'none';
    case 'tree_size':
      return int(value, 0, 9007199254740991);
    case 'truncated':
      return value === true;
    case 'uid':
      return int(value, 0, 4294967295);
    case 'unscanned_reason':
      return value === 'binary' || value === 'encoding' || value === 'error' || value === 'format' || value === 'multipart' || value === 'signed' || value === 'size' || value === 'stream';
    case 'v':
      return value === 1;
    case 'witness':
      return text(value, P10);
    default:
      return undefined;
  }
}

/** The first fault in the shape of a record: unknown or unordered members, values outside their alphabet, absent ones. */
export function shapeFault(value: unknown): Fault | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { code: 'not_an_object', field: 'record', message: 'is not an object' };
  const record = value as Record<string, unknown>;
  let last = '';
  for (const name in record) {
    const fit = fits(name, record[name]);
    if (fit === undefined) return { code: 'unknown_field', field: boundedName(name), message: 'is not a field of a record' };
    if (!fit) return { code: 'bad_value', field: name, message: 'is of the wrong type, too long or outside its alphabet' };
    if (name <= last) return { code: 'rule', field: name, message: 'does not stand in canonical order' };
    last = name;
  }
  for (const name of REQUIRED)
    if (record[name] === undefined) return { code: 'missing_field', field: name, message: 'is required' };
  return undefined;
}
