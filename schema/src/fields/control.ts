import { z } from 'zod';
import { COMMITTED_FIELDS } from '../committed-fields.ts';
import { PLANS } from '../plans.ts';
import { hex, instant, integer, lowerWord, tenantId, uuid7, word } from './alphabets.ts';

export const controlFields = {
  segment: integer().describe('Number of a rotated ledger file.'),
  segment_bytes: integer().describe('Its size.'),
  segment_records: integer().describe('Its number of lines.'),
  segment_sha256: hex(64).describe('SHA-256 of its bytes.'),
  cut_bytes: integer(1).describe('Bytes of a torn last line that were cut off.'),
  cut_offset: integer().describe('Where the file ended after the cut.'),
  subject_tenant_id: tenantId().describe('Tenant that a control-plane record is about.'),
  subject_key_id: hex(16).describe('API key that a control-plane record is about.'),
  subject_event_id: uuid7().describe('Record that this record is about.'),
  subject_record_hash: hex(64).describe('RecordHash of the record that this record is about.'),
  subject_session_id: hex(32).describe('Session that this record is about.'),
  subject_field: z.enum(COMMITTED_FIELDS).describe('Committed field whose disclosure was erased.'),
  plan: z.enum(PLANS).describe('Plan of an API key.'),
  expires_at: instant().describe('When it expires.'),
  signer_id: hex(8).describe('Signing key in use, by its id.'),
  next_signer_id: hex(8).describe('Signing key that takes over, by its id.'),
  policy_sha256: hex(64).describe('SHA-256 of the policy document.'),
  member_id: hex(32).describe('Member of the tenant, by an opaque id.'),
  member_role: lowerWord(32).describe('Role of the member.'),
  access_kind: z
    .enum(['console', 'disclosure', 'export', 'proof', 'query'])
    .describe('What was read.'),
  export_format: lowerWord(32).describe('Format of an export.'),
  records: integer().describe('Number of records concerned.'),
  import_origin: word(128).describe('Origin line of the imported log.'),
  reason_code: lowerWord(64).describe('Machine-readable reason.'),
  message_id: word(128).describe('Pub/Sub message id.'),
  tree_size: integer().describe('Size of the log.'),
  root_hash: hex(64).describe('Root of the log at that size.'),
  witness: word(128).describe('Name of the witness.'),
  alarm: z
    .enum(['fork', 'rollback', 'silence', 'promise_broken'])
    .describe('What the witness saw.'),
};
