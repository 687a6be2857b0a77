import type { FieldName } from '../detail-fields.ts';

/**
 * What people query, each a stored generated column over `Record`, so that no column can disagree with what was signed.
 * The column's name is the field's in Pascal case; its type and its CHECK come from the field's schema.
 */
export const QUERIED_FIELDS = [
  'event_type',
  'action_taken',
  'evidence',
  'trace_origin',
  'source',
  'key_id',
  'session_id',
  'seq',
  'occurred_at',
  'first_at',
  'last_at',
  // Whoever counts or sums without it counts coalesced events once.
  'count',
  'policy_version',
  'target_host',
  'target_port',
  'target_ip',
  'bytes_sent',
  'bytes_received',
  'bytes_severed',
  'rule_id',
  'redactions',
  'reason_code',
  'provider',
  'model',
  'cost_microusd',
  'spend_limit_microusd',
  'spend_used_microusd',
  'tool_name',
  'anomaly_code',
  'lost_events',
  'loss_reason',
  'blind_reason',
  'capability',
  'coverage',
  'node',
  'pod_uid',
  'policy_sha256',
  'signer_id',
  'member_id',
  'member_role',
  'access_kind',
  'records',
  'subject_tenant_id',
  'subject_key_id',
  'subject_event_id',
  'subject_record_hash',
  'subject_field',
] as const satisfies readonly (FieldName | 'event_type' | 'action_taken')[];

export type QueriedField = (typeof QUERIED_FIELDS)[number];

export const columnName = (field: string): string =>
  field.replaceAll(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
