import { createEmitter, type Emitter, type EmitterOptions, type Said } from './emitter.ts';

export const OPERATOR = 'vantio';
export const MEMBERS = {
  owner: 'a'.repeat(32),
  auditor: 'b'.repeat(32),
  unrecorded: 'c'.repeat(32),
  stranger: 'd'.repeat(32),
} as const;

/** What the control plane has to say about a tenant, and what a liar would say. */
export type Subject = {
  readonly tenant: string;
  readonly policySha256: string;
  readonly keyIds: { readonly used: string; readonly revoked: string; readonly unused: string };
  readonly event: string;
  /** An event that the ledger never got. */
  readonly lostEvent: string;
  readonly conflict: { readonly event: string; readonly hash: string };
};

const RECORDED = { action_taken: 'RECORDED' } as const;

function statements({
  tenant,
  policySha256,
  keyIds,
  event,
  lostEvent,
  conflict,
}: Subject): readonly Said[] {
  const about = { ...RECORDED, subject_tenant_id: tenant } as const;
  const { owner, auditor, stranger } = MEMBERS;
  return [
    {
      event_type: 'policy_change',
      ...about,
      policy_version: 3,
      policy_sha256: policySha256,
      member_id: owner,
      reason_code: 'first',
    },
    {
      event_type: 'policy_change',
      ...about,
      policy_version: 4,
      policy_sha256: '4'.repeat(64),
      member_id: auditor,
    },
    {
      event_type: 'member_change',
      ...about,
      member_id: owner,
      member_role: 'owner',
      reason_code: 'added',
    },
    {
      event_type: 'member_change',
      ...about,
      member_id: auditor,
      member_role: 'auditor',
      reason_code: 'added',
    },
    { event_type: 'member_change', ...about, member_id: auditor, reason_code: 'removed' },
    {
      event_type: 'key_created',
      ...about,
      subject_key_id: keyIds.used,
      plan: 'paid',
      member_id: owner,
    },
    {
      event_type: 'key_created',
      ...about,
      subject_key_id: keyIds.revoked,
      plan: 'free',
      member_id: owner,
      expires_at: '2025-01-31T23:59:59.250000Z',
    },
    {
      event_type: 'key_created',
      ...about,
      subject_key_id: keyIds.unused,
      plan: 'free',
      member_id: owner,
    },
    { event_type: 'key_revoked', ...about, subject_key_id: keyIds.revoked, member_id: auditor },
    { event_type: 'access', ...about, access_kind: 'console', member_id: owner, records: 20 },
    {
      event_type: 'access',
      ...about,
      access_kind: 'console',
      member_id: owner,
      records: 5,
      count: 3,
    },
    {
      event_type: 'access',
      ...about,
      access_kind: 'disclosure',
      member_id: auditor,
      subject_event_id: event,
    },
    { event_type: 'export', ...about, export_format: 'ndjson', member_id: stranger, records: 30 },
    {
      event_type: 'erasure',
      ...about,
      action_taken: 'ERASED',
      subject_event_id: event,
      subject_field: 'agent_name',
      member_id: owner,
      reason_code: 'request',
    },
    {
      event_type: 'erasure',
      ...about,
      action_taken: 'ERASED',
      subject_event_id: lostEvent,
      subject_field: 'exec_path',
      reason_code: 'retention',
    },
    {
      event_type: 'conflict',
      ...about,
      subject_event_id: conflict.event,
      subject_record_hash: conflict.hash,
    },
    {
      event_type: 'quota_refused',
      ...about,
      action_taken: 'REFUSED_QUOTA',
      subject_key_id: keyIds.used,
      lost_events: 5,
    },
    {
      event_type: 'rate_refused',
      ...about,
      action_taken: 'REFUSED_RATE',
      subject_key_id: keyIds.used,
    },
    { event_type: 'dead_letter', ...about, reason_code: 'bad_signature', records: 2 },
  ];
}

/** Everything that can be said about the subjects, or what is of these types, in one session from 7 January on. */
export function statementsSession(
  options: EmitterOptions,
  subjects: readonly Subject[],
  types?: readonly Said['event_type'][],
): Emitter {
  const emitter = createEmitter(options);
  emitter.say('2025-01-07T00:00:00.000000Z', emitter.opening);
  const said = subjects
    .flatMap(statements)
    .filter(({ event_type }) => types?.includes(event_type) ?? true);
  for (const [at, statement] of said.entries()) {
    const second = String(at % 60).padStart(2, '0');
    emitter.say(`2025-01-07T00:0${Math.floor(at / 60) + 1}:${second}.000000Z`, statement);
  }
  return emitter;
}
