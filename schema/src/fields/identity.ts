import { z } from 'zod';
import { hex, instant, integer, tenantId, uuid7 } from './alphabets.ts';

export const SOURCES = ['sdk_node', 'sdk_python', 'kernel_agent', 'control_plane', 'cli'] as const;

/** How the record came by its trace id, from strongest to none. A wrong trace is worse than none. */
export const TRACE_ORIGINS = [
  'exact',
  'inherited',
  'process_level',
  'connection',
  'cgroup_default',
  'claimed',
  'unread',
  'none',
] as const;

/** What the record may claim: denied before it took effect, seen, or concluded from something seen. */
export const EVIDENCE = ['denied_before_effect', 'observed', 'inferred'] as const;

export const identityFields = {
  v: z.literal(1).describe('Version of the record.'),
  tenant_id: tenantId().describe('Tenant, as in the API key.'),
  key_id: hex(16).describe('Id of the API key whose record key made the MAC.'),
  event_id: uuid7().describe(
    'UUIDv7; its last 12 digits are the first 12 of session_id; strictly rising in a session.',
  ),
  session_id: hex(32).describe('First 16 bytes of SHA-256 of the session public key.'),
  seq: integer().describe('Position in the session, from 0, without gaps.'),
  prev: hex(64).describe('RecordHash of the record before it in the session; 64 zeros at seq 0.'),
  occurred_at: instant().describe(
    "The emitter's wall clock when it happened; never a reason to refuse.",
  ),
  source: z.enum(SOURCES).describe('Kind of emitter.'),
  evidence: z.enum(EVIDENCE).describe('What the record may claim.'),
  trace_origin: z.enum(TRACE_ORIGINS).describe('How the trace id was come by.'),
  trace_id: hex(32).describe('W3C trace-id, not all zeros.'),
  span_id: hex(16).describe('W3C parent-id of this span, not all zeros.'),
  parent_span_id: hex(16).describe('Span this one was opened in.'),
  count: integer(1).describe('How many identical events this record stands for; absent means 1.'),
  first_at: instant().describe('First of the coalesced events, or start of an interval.'),
  last_at: instant().describe('Last of the coalesced events, or end of an interval.'),
  policy_version: integer(1).describe('Version of the policy in force when it was decided.'),
  truncated: z
    .literal(true)
    .describe('A value was cut at its bound before it was written or committed.'),
};
